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
#include <string.h>
#include <unistd.h>

enum { WIDTH = 320, HEIGHT = 180, TILE = 20 };

static void wait_for(FILE *in, const char *word) { /* a record of that type, or that begins so */
    char type[32] = "", start[8] = "";
    for (size_t size; strcmp(type, word) && strncmp(start, word, strlen(word));) {
        if (fscanf(in, "%31s %zu", type, &size) != 2) {
            fputs("push_tile: the far end has gone\n", stderr);
            exit(1);
        }
        getc(in); /* the blank */
        for (size_t i = 0; i < size; i++) start[i < 7 ? i : 7] = (char)getc(in);
        start[7] = 0;
    }
}

int main(int argc, char **argv) {
    struct sockaddr_in far = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    far.sin_port = htons((unsigned short)(argc > 1 ? atoi(argv[1]) : 45124));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&far, sizeof far)) return perror("push_tile"), 1;
    FILE *in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w");
    fputs("NEWGREETING 19 push-tile-1 rvshellPINGPONGCONTROL 1 0", out), fflush(out);
    wait_for(in, "GREETING");

    char mu[999]; /* media, size, uncropped size, corner, aspect, channels, bits, float?, range, fps */
    const char *media = argc > 2 ? argv[2] : "from-c";
    sprintf(mu, "RETURNEVENT remote-eval * newImageSource(\"%.200s\", %d, %d, %d, %d, 0, 0, 1.0, "
            "4, 32, true, 1, 1, 24.0, nil, nil);", media, WIDTH, HEIGHT, WIDTH, HEIGHT);
    fprintf(out, "MESSAGE %zu %s", strlen(mu), mu), fflush(out);
    wait_for(in, "RETURN");

    static float tile[TILE][TILE][4]; /* red to the right, green upward, a blue chequer, opaque */
    for (int y = 0; y < HEIGHT; y += TILE)
        for (int x = 0; x < WIDTH; x += TILE) {
            for (int j = 0; j < TILE; j++)
                for (int i = 0; i < TILE; i++) {
                    float *pixel = tile[j][i];
                    pixel[0] = (float)(x + i) / WIDTH, pixel[1] = (float)(y + j) / HEIGHT;
                    pixel[2] = (float)((x / TILE + y / TILE) % 2), pixel[3] = 1;
                }
            fprintf(out, "PIXELTILE(media=%s,w=%d,h=%d,x=%d,y=%d,f=1) %zu ", media, TILE, TILE, x, y,
                    sizeof tile);
            fwrite(tile, sizeof tile, 1, out);
        }
    fputs("MESSAGE 34 RETURNEVENT remote-eval * frame();", out), fflush(out);
    wait_for(in, "RETURN");
    fputs("MESSAGE 10 DISCONNECT", out);
    return fclose(out) != 0;
}
