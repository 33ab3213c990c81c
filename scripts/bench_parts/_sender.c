/* The C sender that ours is measured against: header and rows of each tile in one sendmsg.
 * csender PORT WIDTH HEIGHT TILE_W TILE_H PIXEL_BYTES TIMES [TOP_DOWN]
 * The wire has the bottom row first: with TOP_DOWN, 1, the picture in memory has the top one first. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

static void all(int fd, struct iovec *v, int n) {
    while (n) {
        ssize_t k = writev(fd, v, n > 1024 ? 1024 : n);
        if (k < 0) exit(1);
        while (n && (size_t)k >= v->iov_len) k -= (ssize_t)v->iov_len, v++, n--;
        if (n) v->iov_base = (char *)v->iov_base + k, v->iov_len -= (size_t)k;
    }
}

int main(int argc, char **argv) {
    if (argc < 8) return 2;
    int width = atoi(argv[2]), height = atoi(argv[3]), tw = atoi(argv[4]), th = atoi(argv[5]);
    int pixel = atoi(argv[6]), times = atoi(argv[7]), one = 1;
    int turned = argc > 8 && atoi(argv[8]);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5);
    if (connect(fd, (struct sockaddr *)&a, sizeof a)) return 1;
    size_t stride = (size_t)width * (size_t)pixel;
    char *frame = malloc(stride * (size_t)height);
    memset(frame, 7, stride * (size_t)height);
    struct iovec *v = malloc(sizeof *v * (size_t)(th + 1));
    uint64_t total = 0;
    char head[200];
    for (int pass = 0; pass <= times; pass++) { /* pass 0 only counts */
        struct timeval t;
        if (pass == 1) {
            all(fd, &(struct iovec){&total, 8}, 1);
            gettimeofday(&t, 0);
        }
        for (int y = 0; y < height; y += th)
            for (int x = 0; x < width; x += tw) {
                int w = x + tw > width ? width - x : tw, h = y + th > height ? height - y : th;
                size_t row = (size_t)w * (size_t)pixel, size = row * (size_t)h;
                int n = sprintf(head, "PIXELTILE(media=bench,w=%d,h=%d,x=%d,y=%d,f=1) %zu ", w, h, x,
                                y, size);
                if (!pass) { total += ((uint64_t)n + size) * (uint64_t)times; continue; }
                v[0] = (struct iovec){head, (size_t)n};
                int rows = 1;
                if (row == stride && !turned) v[rows++] = (struct iovec){frame + stride * (size_t)y, size};
                else
                    for (int j = 0; j < h; j++) {
                        int line = turned ? height - 1 - y - j : y + j;
                        v[rows++] = (struct iovec){frame + stride * (size_t)line +
                                                   (size_t)x * (size_t)pixel, row};
                    }
                all(fd, v, rows);
            }
    }
    if (recv(fd, head, 1, 0) != 1) return 1;
    return 0;
}
