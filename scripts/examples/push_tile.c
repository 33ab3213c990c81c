/* Pushes one picture, tile by tile, to a player or RV: the whole wire, in standard C and sockets.
 *
 *     cc -o push_tile push_tile.c && ./push_tile [PORT [MEDIA]]
 *
 * A record is  TYPE SP BYTES SP payload.  (1) Greet, ask for no PINGs, wait for the greeting;
 * (2) make the image by one piece of Mu and wait for RETURN; (3) send tiles, which are never
 * answered; (4) ask for anything and wait: replies come in order, so all tiles are in then;
 * (5) say goodbye.  Rows run upward, y counts from the bottom, numbers are little endian.
 * A media name must not hold blanks or any of  = , ( )
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { WIDTH = 320, HEIGHT = 180, TILE = 20 };

static void wait_for(FILE *in, const char *word) { /* read on until it has come */
    for (const char *next = word; *next;) {
        int c = getc(in);
        if (c == EOF) fputs("push_tile: the far end has gone\n", stderr), exit(1);
        next = c == *next ? next + 1 : c == *word ? word + 1 : word;
    }
}

int main(int argc, char **argv) {
    struct sockaddr_in far = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    far.sin_port = htons((unsigned short)(argc > 1 ? atoi(argv[1]) : 45124));
    const char *media = argc > 2 ? argv[2] : "from-c";
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&far, sizeof far)) return perror("push_tile"), 1;
    FILE *in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w");
    fputs("NEWGREETING 19 push-tile-1 rvshellPINGPONGCONTROL 1 0", out), fflush(out);
    wait_for(in, "GREETING ");
    char mu[999]; /* media, size, uncropped size, corner, aspect, channels, bits, float?, range, fps */
    int bytes = sprintf(mu, "RETURNEVENT remote-eval * newImageSource(\"%.200s\", %d, %d, %d, %d, 0, 0, "
            "1.0, 4, 32, true, 1, 1, 24.0, nil, nil);", media, WIDTH, HEIGHT, WIDTH, HEIGHT);
    fprintf(out, "MESSAGE %d %s", bytes, mu), fflush(out);
    wait_for(in, "RETURN ");
    static float tile[TILE][TILE][4]; /* red to the right, green upward, a blue chequer, opaque */
    for (int y = 0; y < HEIGHT; y += TILE)
        for (int x = 0; x < WIDTH; x += TILE) {
            for (int i = 0; i < TILE * TILE; i++) {
                float *rgba = tile[i / TILE][i % TILE];
                rgba[0] = (float)(x + i % TILE) / WIDTH, rgba[1] = (float)(y + i / TILE) / HEIGHT;
                rgba[2] = (float)((x / TILE + y / TILE) % 2), rgba[3] = 1;
            }
            fprintf(out, "PIXELTILE(media=%s,w=%d,h=%d,x=%d,y=%d,f=1) %zu ", media, TILE, TILE, x, y,
                    sizeof tile);
            fwrite(tile, sizeof tile, 1, out);
        }
    fputs("MESSAGE 34 RETURNEVENT remote-eval * frame();", out), fflush(out);
    wait_for(in, "RETURN ");
    fputs("MESSAGE 10 DISCONNECT", out);
    return fclose(out) != 0;
}
