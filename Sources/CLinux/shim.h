// The few Linux calls that Swift's Glibc module does not show, because they are variadic, need _GNU_SOURCE, or are built
// from macros. Each returns 0, or the errno value.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <net/if.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define SEAWALL_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define SEAWALL_AUDIT_ARCH AUDIT_ARCH_AARCH64
#else
#error "seawall: no seccomp architecture is known for this machine"
#endif

// mallopt(3), which the Glibc module leaves out: two arenas, since few threads work at once, that grow by 16 MB and give
// nothing back before the end. Ten thousand rules are many small blocks, and each growth costs page faults.
static inline void seawall_use_few_arenas(void) {
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_TOP_PAD, 16 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

// setns(2) through syscall(2): Glibc declares setns only under _GNU_SOURCE, and syscall is variadic.
static inline int seawall_enter_network_namespace(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno;
    int failed = syscall(SYS_setns, fd, 0x40000000 /* CLONE_NEWNET */) != 0 ? errno : 0;
    close(fd);
    return failed;
}

// unshare(2) through syscall(2), for the same reason. Where the process may not make a network namespace, it makes a user
// namespace first, in which it may; that needs a process of one thread.
static inline int seawall_new_network_namespace(void) {
    if (syscall(SYS_unshare, 0x40000000 /* CLONE_NEWNET */) == 0) return 0;
    if (errno != EPERM) return errno;
    return syscall(SYS_unshare, 0x10000000 | 0x40000000 /* CLONE_NEWUSER | CLONE_NEWNET */) != 0 ? errno : 0;
}

// prlimit(2) through syscall(2): Glibc's resource argument is an enum of its own. Both limits are set to the same value.
static inline int seawall_limit(int resource, uint64_t value) {
    const uint64_t limit[2] = {value, value};
    return syscall(SYS_prlimit64, 0, resource, limit, NULL) != 0 ? errno : 0;
}
static inline int seawall_limit_address_space(uint64_t bytes) { return seawall_limit(9 /* RLIMIT_AS */, bytes); }
static inline int seawall_limit_processor_time(uint64_t seconds) { return seawall_limit(0 /* RLIMIT_CPU */, seconds); }
static inline int seawall_no_core_dump(void) { return seawall_limit(4 /* RLIMIT_CORE */, 0); }

// Loads a seccomp filter (seccomp(2)) that answers EACCES to each of the given system calls; a foreign architecture is
// answered likewise, so that the numbers cannot be read with another meaning.
static inline int seawall_deny_system_calls(const long *calls, unsigned count) {
    struct sock_filter program[64];
    unsigned n = 0;
    const struct sock_filter denied = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES);
    if (count > 48) return EINVAL;
    program[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    program[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SEAWALL_AUDIT_ARCH, 1, 0);
    program[n++] = denied;
    program[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
#if defined(__x86_64__)
    // Numbers with this bit are the x32 interface to the same calls.
    program[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1);
    program[n++] = denied;
#endif
    for (unsigned i = 0; i < count; i++) {
        program[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i], 0, 1);
        program[n++] = denied;
    }
    program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog filter = {(unsigned short)n, program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0 ? errno : 0;
}

// No network: sockets, and the one other call that can make them. Inherited over exec.
static inline int seawall_deny_network(void) {
    const long calls[] = {SYS_socket, SYS_connect, SYS_io_uring_setup, SYS_ptrace, SYS_setns, SYS_unshare};
    return seawall_deny_system_calls(calls, sizeof calls / sizeof *calls);
}

// No file is opened, and no program is started, from here on. The dynamic loader needs both, so this comes after it.
static inline int seawall_deny_files(void) {
    const long calls[] = {
        SYS_openat, SYS_openat2, SYS_execve, SYS_execveat,
#if defined(SYS_open)
        SYS_open, SYS_creat,
#endif
    };
    return seawall_deny_system_calls(calls, sizeof calls / sizeof *calls);
}

// memfd_create(2) through syscall(2): Glibc declares it only under _GNU_SOURCE. The file lives in memory, is closed on exec.
static inline int seawall_memory_file(const char *name, int *file) {
    int fd = (int)syscall(SYS_memfd_create, name, 1u /* MFD_CLOEXEC */);
    if (fd < 0) return errno;
    *file = fd;
    return 0;
}

// A socket that sends whole Ethernet frames from an interface, past the queueing discipline (packet(7)): what the sender waits
// for is then the way of the packet itself.
static inline int seawall_open_frame_socket(const char *interface, int *file) {
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (fd < 0) return errno;
    int one = 1;
    struct sockaddr_ll address = {0};
    address.sll_family = AF_PACKET;
    address.sll_ifindex = (int)if_nametoindex(interface);
    if (address.sll_ifindex == 0 || setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one) != 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        int failed = errno;
        close(fd);
        return failed;
    }
    *file = fd;
    return 0;
}

// sendmmsg(2) through syscall(2): Glibc declares it only under _GNU_SOURCE. Sends frames that lie `stride` bytes apart, 32 a
// call, until all are gone or a call fails; a full buffer is waited for.
static inline int seawall_send_frames(int file, uint8_t *frames, size_t stride, const uint16_t *lengths, size_t count) {
    struct { struct msghdr header; unsigned sent; } messages[32];
    struct iovec parts[32];
    memset(messages, 0, sizeof messages);
    for (size_t start = 0; start < count; start += 32) {
        unsigned batch = count - start < 32 ? (unsigned)(count - start) : 32;
        for (unsigned i = 0; i < batch; i++) {
            parts[i].iov_base = frames + stride * (start + i);
            parts[i].iov_len = lengths[start + i];
            messages[i].header.msg_iov = &parts[i];
            messages[i].header.msg_iovlen = 1;
        }
        for (unsigned done = 0; done < batch;) {
            long sent = syscall(SYS_sendmmsg, file, messages + done, batch - done, 0);
            if (sent > 0) done += (unsigned)sent;
            else if (errno == ENOBUFS || errno == EAGAIN || errno == EINTR) usleep(10);
            else return errno;
        }
    }
    return 0;
}
