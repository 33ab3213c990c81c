/* Pushes one picture, tile by tile, to a player or RV: the whole wire, in standard C and sockets.
 *
 *     cc -o push_tile push_tile.c && ./push_tile [PORT [MEDIA]]
 *
 * A record is  TYPE SP BYTES SP payload.  (1) greet; wait for the greeting; (2) ask for no PINGs;
 * (3) make the image by one piece of Mu and wait for RETURN; (4) send tiles, which are never
 * answered; (5) ask for anything and wait: replies come in order, so all tiles are in then;
 * (6) say goodbye.  Rows run upward, y counts from the bottom, numbers are little endian.
 * A media name must not hold blanks or any of  = , ( )
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WIDTH = 320, HEIGHT = 180, TILE = 20 };

static int connection;

static void put(const void *data, size_t size) {
    for (const char *at = data; size;) {
        ssize_t sent = send(connection, at, size, 0);
        if (sent <= 0) { perror("push_tile"); exit(1); }
        at += sent, size -= (size_t)sent;
    }
}

static void message(const char *contents) {
    char head[32];
    put(head, (size_t)sprintf(head, "MESSAGE %zu ", strlen(contents)));
    put(contents, strlen(contents));
}

static void wait_for(const char *word) { /* enough here: one reply at a time, no other talk */
    char text[4096] = "";
    for (size_t have = 0; have < sizeof text - 1 && !strstr(text, word); text[have] = 0) {
        ssize_t count = recv(connection, text + have, sizeof text - 1 - have, 0);
        if (count <= 0) { fprintf(stderr, "push_tile: the far end has gone\n"); exit(1); }
        have += (size_t)count;
    }
}

int main(int argc, char **argv) {
    const char *media = argc > 2 ? argv[2] : "from-c";
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons((unsigned short)(argc > 1 ? atoi(argv[1]) : 45124));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connection = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection, (struct sockaddr *)&address, sizeof address)) {
        perror("push_tile");
        return 1;
    }
    put("NEWGREETING 19 push-tile-1 rvshell", 34);
    wait_for("GREETING");
    put("PINGPONGCONTROL 1 0", 19);

    char text[1024]; /* name, size, uncropped size and corner, aspect, channels, bits, float?, range, fps */
    sprintf(text, "RETURNEVENT remote-eval * newImageSource(\"%s\", %d, %d, %d, %d, 0, 0, 1.0, "
            "4, 32, true, 1, 1, 24.0, nil, nil);", media, WIDTH, HEIGHT, WIDTH, HEIGHT);
    message(text);
    wait_for("RETURN");

    static float tile[TILE][TILE][4];
    for (int y = 0; y < HEIGHT; y += TILE)
        for (int x = 0; x < WIDTH; x += TILE) {
            for (int j = 0; j < TILE; j++)
                for (int i = 0; i < TILE; i++) {
                    float *pixel = tile[j][i];
                    pixel[0] = (float)(x + i) / WIDTH, pixel[1] = (float)(y + j) / HEIGHT;
                    pixel[2] = (float)((x / TILE + y / TILE) % 2), pixel[3] = 1;
                }
            put(text, (size_t)sprintf(text, "PIXELTILE(media=%s,w=%d,h=%d,x=%d,y=%d,f=1) %zu ",
                                      media, TILE, TILE, x, y, sizeof tile));
            put(tile, sizeof tile);
        }
    message("RETURNEVENT remote-eval * frame();");
    wait_for("RETURN");
    message("DISCONNECT");
    close(connection);
    return 0;
}
