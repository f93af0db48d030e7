/// The one program of the containers: it says who it is to whoever connects, and gives back whatever it is sent.
///
/// `seawall-… NAME PORT…` answers `NAME PEER` at each port. Its queue is long, and a connection costs it no process, so that
/// connections every few milliseconds are served at once. It is linked statically, so that it is a whole image by itself.
enum GreetingServer {
    /// Compiles it.
    static func build(at path: String) throws {
        let flags = ["-x", "c", "-", "-static", "-O1", "-o", path]
        try Program.demandOutside(["clang"] + flags, input: source)
    }

    private static let source = #"""
        #define _GNU_SOURCE
        #include <arpa/inet.h>
        #include <poll.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/socket.h>
        #include <unistd.h>

        static struct pollfd entries[8192];
        static int count, listeners;

        static void leave(int number) { _exit(0); }

        static int open_listener(int port) {
            int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1, off = 0;
            struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
            setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
            setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
            return bind(fd, (struct sockaddr *)&any, sizeof any) || listen(fd, 4096) ? -1 : fd;
        }

        static void greet(int listener, const char *name) {
            struct sockaddr_in6 peer;
            socklen_t length = sizeof peer;
            char address[64], text[128];
            int fd = accept4(listener, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK);
            if (fd < 0) return;
            inet_ntop(AF_INET6, &peer.sin6_addr, address, sizeof address);
            const char *plain = strncmp(address, "::ffff:", 7) ? address : address + 7;
            int size = snprintf(text, sizeof text, "%s %s\n", name, plain);
            if (count == 8192 || send(fd, text, size, MSG_NOSIGNAL) != size) close(fd);
            else entries[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
        }

        static void give_back(int index) {
            char bytes[4096];
            ssize_t size = recv(entries[index].fd, bytes, sizeof bytes, 0);
            if (size > 0) {
                send(entries[index].fd, bytes, size, MSG_NOSIGNAL);
            } else {
                close(entries[index].fd);
                entries[index] = entries[--count];
            }
        }

        int main(int argc, char **argv) {
            /* The first process of a container is ended by no signal that it does not handle. */
            struct sigaction action = {.sa_handler = leave};
            sigaction(SIGTERM, &action, NULL);
            for (int i = 2; i < argc; i++) {
                int fd = open_listener(atoi(argv[i]));
                if (fd < 0) return 1;
                entries[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
            }
            listeners = count;
            for (;;) {
                if (poll(entries, count, -1) < 0) continue;
                for (int i = 0; i < listeners; i++) if (entries[i].revents) greet(entries[i].fd, argv[1]);
                for (int i = count - 1; i >= listeners; i--) if (entries[i].revents) give_back(i);
            }
        }

        """#
}
