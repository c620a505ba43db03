/*
 * The yardstick of the hand-over benchmark: moves a TCP connection out of the kernel and into it
 * with the system calls that CRIU's libsoccr makes, and nothing else (no fence, no admission, no
 * application options, no check whether the snapshot is consistent).
 *
 * One command a line on stdin:  FAMILY QUEUE BYTES WARMUP COUNT
 *   FAMILY 4 or 6; QUEUE none, unread, unacknowledged or unsent; BYTES that wait there.
 * Answers one line: the number of system calls of a move, then COUNT times in nanoseconds, from the
 * first system call to the end of repair. Every byte is compared after the move.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef TCP_REPAIR_OFF
#define TCP_REPAIR_OFF 0
#endif
/* enum of include/net/tcp.h that user space has no header for */
#define NO_QUEUE 0
#define RECV_QUEUE 1
#define SEND_QUEUE 2
/* include/uapi/linux/tcp.h: TCPI_OPT_* */
#define OPT_TIMESTAMPS 1
#define OPT_SACK 2
#define OPT_WSCALE 4
/* option kinds, RFC 9293, 7323, 2018 */
#define KIND_MSS 2
#define KIND_WINDOW 3
#define KIND_SACK_PERMITTED 4
#define KIND_TIMESTAMPS 8

#define CHUNK 65536
#define RCVQ_CHUNK 65536
#define PERIOD 65521

enum queue { NONE, UNREAD, UNACKNOWLEDGED, UNSENT };

static unsigned calls;
static unsigned char pattern[PERIOD + CHUNK];

/* More than any one segment buffer: the kernel hands out whole ones of the send queue. */
#define SLACK (1 << 17)

static void die(const char *what)
{
	fprintf(stderr, "soccr_move: %s: %s\n", what, strerror(errno));
	exit(1);
}

static long ok(long result, const char *what)
{
	if (result < 0)
		die(what);
	return result;
}

/* A system call that belongs to a move. */
#define CALL(expression) (calls++, ok((expression), #expression))

static int get_int(int fd, int level, int name)
{
	int value = 0;
	socklen_t length = sizeof value;
	CALL(getsockopt(fd, level, name, &value, &length));
	return value;
}

static void set_int(int fd, int level, int name, int value)
{
	CALL(setsockopt(fd, level, name, &value, sizeof value));
}

static int64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

struct state {
	struct sockaddr_storage local, remote;
	socklen_t local_length, remote_length;
	struct tcp_info info;
	struct tcp_repair_window window;
	uint32_t receive_sequence, send_sequence, timestamp;
	int mss, unread, queued, unsent;
	unsigned char *unread_bytes, *queued_bytes, *send_queue;
};

static unsigned char *room(size_t bytes)
{
	unsigned char *memory = malloc(bytes);
	if (!memory)
		die("malloc");
	return memory;
}

/* The two halves: what is saved, what is restored. */
static void save(int fd, struct state *s)
{
	socklen_t length;

	set_int(fd, IPPROTO_TCP, TCP_REPAIR, 1);
	s->local_length = s->remote_length = sizeof s->local;
	CALL(getsockname(fd, (struct sockaddr *)&s->local, &s->local_length));
	CALL(getpeername(fd, (struct sockaddr *)&s->remote, &s->remote_length));
	length = sizeof s->info;
	CALL(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &s->info, &length));
	if (s->info.tcpi_state != 1) {
		errno = ENOTCONN;
		die("connection");
	}
	CALL(ioctl(fd, SIOCOUTQ, &s->queued));
	CALL(ioctl(fd, SIOCOUTQNSD, &s->unsent));
	CALL(ioctl(fd, SIOCINQ, &s->unread));
	s->mss = get_int(fd, IPPROTO_TCP, TCP_MAXSEG);
	if (s->info.tcpi_options & OPT_TIMESTAMPS)
		s->timestamp = get_int(fd, IPPROTO_TCP, TCP_TIMESTAMP);
	length = sizeof s->window;
	CALL(getsockopt(fd, IPPROTO_TCP, TCP_REPAIR_WINDOW, &s->window, &length));
	set_int(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, RECV_QUEUE);
	s->receive_sequence = get_int(fd, IPPROTO_TCP, TCP_QUEUE_SEQ);
	s->unread_bytes = s->queued_bytes = NULL;
	if (s->unread) {
		s->unread_bytes = room(s->unread + 1);
		if (CALL(recv(fd, s->unread_bytes, s->unread + 1, MSG_PEEK | MSG_DONTWAIT)) != s->unread)
			die("receive queue");
	}
	set_int(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, SEND_QUEUE);
	s->send_sequence = get_int(fd, IPPROTO_TCP, TCP_QUEUE_SEQ);
	if (s->queued) {
		size_t size = (size_t)s->queued + SLACK;
		long got;
		s->queued_bytes = room(size);
		got = CALL(recv(fd, s->queued_bytes, size, MSG_PEEK | MSG_DONTWAIT));
		if (got < s->queued)
			die("send queue");
		s->send_queue = s->queued_bytes + (got - s->queued);
	}
}

static void put(int fd, const unsigned char *bytes, size_t count, size_t chunk)
{
	while (count > 0) {
		size_t piece = count < chunk ? count : chunk;
		size_t sent = CALL(send(fd, bytes, piece, MSG_DONTWAIT | MSG_NOSIGNAL));
		bytes += sent;
		count -= sent;
	}
}

static int restore(struct state *s)
{
	struct tcp_repair_opt options[4];
	int count = 0;
	int unacknowledged = s->queued - s->unsent;
	int fd = CALL(socket(s->local.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));

	set_int(fd, IPPROTO_TCP, TCP_REPAIR, 1);
	if (s->unread)
		set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, s->unread + (1 << 20));
	if (s->queued)
		set_int(fd, SOL_SOCKET, SO_SNDBUFFORCE, s->queued + (1 << 20));
	set_int(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, RECV_QUEUE);
	set_int(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, s->receive_sequence - s->unread);
	set_int(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, SEND_QUEUE);
	set_int(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, s->send_sequence - s->queued);
	CALL(bind(fd, (struct sockaddr *)&s->local, s->local_length));
	CALL(connect(fd, (struct sockaddr *)&s->remote, s->remote_length));
	if (s->info.tcpi_options & OPT_SACK)
		options[count++] = (struct tcp_repair_opt){KIND_SACK_PERMITTED, 0};
	if (s->info.tcpi_options & OPT_WSCALE)
		options[count++] = (struct tcp_repair_opt){
			KIND_WINDOW, s->info.tcpi_snd_wscale | (uint32_t)s->info.tcpi_rcv_wscale << 16};
	if (s->info.tcpi_options & OPT_TIMESTAMPS)
		options[count++] = (struct tcp_repair_opt){KIND_TIMESTAMPS, 0};
	options[count++] = (struct tcp_repair_opt){KIND_MSS, s->mss};
	CALL(setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_OPTIONS, options, count * sizeof *options));
	if (s->info.tcpi_options & OPT_TIMESTAMPS)
		set_int(fd, IPPROTO_TCP, TCP_TIMESTAMP, s->timestamp);
	if (s->unread) {
		set_int(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, RECV_QUEUE);
		put(fd, s->unread_bytes, s->unread, RCVQ_CHUNK);
	}
	if (unacknowledged) {
		set_int(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, SEND_QUEUE);
		put(fd, s->send_queue, unacknowledged, 1 << 20);
	}
	CALL(setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_WINDOW, &s->window, sizeof s->window));
	if (s->unsent) {
		/* With no queue selected these wait for the end of repair like any others. */
		set_int(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, NO_QUEUE);
		set_int(fd, IPPROTO_TCP, TCP_REPAIR, TCP_REPAIR_OFF);
		put(fd, s->send_queue + unacknowledged, s->unsent, 1 << 20);
	} else {
		set_int(fd, IPPROTO_TCP, TCP_REPAIR, TCP_REPAIR_OFF);
	}
	free(s->unread_bytes);
	free(s->queued_bytes);
	return fd;
}

struct connection {
	int moving, peer;
	uint64_t to_peer_written, to_peer_read, from_peer_written, from_peer_read;
};

static int64_t move(struct connection *c, enum queue queue)
{
	static struct state s;
	int64_t start, took;
	int zero = 0;

	calls = 0;
	start = now();
	save(c->moving, &s);
	CALL(close(c->moving)); /* in repair: silent */
	took = now() - start;
	/* In time to hear the window probe, so that nobody has to wait for a retransmission timer. */
	if (queue == UNACKNOWLEDGED)
		ok(setsockopt(c->peer, SOL_SOCKET, SO_DETACH_FILTER, &zero, sizeof zero), "filter");
	start = now();
	c->moving = restore(&s);
	return took + now() - start;
}

static void write_all(int fd, uint64_t *position, size_t count)
{
	while (count > 0) {
		size_t piece = count < CHUNK ? count : CHUNK;
		ssize_t sent = ok(send(fd, pattern + *position % PERIOD, piece, MSG_NOSIGNAL), "send");
		*position += sent;
		count -= sent;
	}
}

static void read_all(int fd, uint64_t *position, uint64_t end)
{
	static unsigned char bytes[CHUNK];

	while (*position < end) {
		size_t want = end - *position < CHUNK ? end - *position : CHUNK;
		ssize_t got = ok(recv(fd, bytes, want, 0), "recv");
		if (got == 0 || memcmp(bytes, pattern + *position % PERIOD, got) != 0) {
			errno = EPROTO;
			die("bytes were lost");
		}
		*position += got;
	}
}

static void drain(struct connection *c)
{
	read_all(c->peer, &c->to_peer_read, c->to_peer_written);
	read_all(c->moving, &c->from_peer_read, c->from_peer_written);
}

static void exchange(struct connection *c)
{
	write_all(c->moving, &c->to_peer_written, 8);
	write_all(c->peer, &c->from_peer_written, 8);
	drain(c);
}

static void connect_pair(struct connection *c, int family, int buffers)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr *address = family == 4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
	socklen_t length = family == 4 ? sizeof v4 : sizeof v6;
	int one = 1;
	int server = ok(socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");

	memset(c, 0, sizeof *c);
	ok(bind(server, address, length), "bind");
	ok(listen(server, 1), "listen");
	ok(getsockname(server, address, &length), "getsockname");
	c->moving = ok(socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	if (buffers) {
		ok(setsockopt(c->moving, SOL_SOCKET, SO_RCVBUFFORCE, &buffers, sizeof buffers), "rcvbuf");
		ok(setsockopt(c->moving, SOL_SOCKET, SO_SNDBUFFORCE, &buffers, sizeof buffers), "sndbuf");
	}
	ok(connect(c->moving, address, length), "connect");
	c->peer = ok(accept(server, NULL, NULL), "accept");
	close(server);
	ok(setsockopt(c->moving, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), "nodelay");
	ok(setsockopt(c->peer, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), "nodelay");
}

/* By reset, so that ports are free again at once. */
static void close_pair(struct connection *c)
{
	struct linger reset = {1, 0};
	setsockopt(c->moving, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	setsockopt(c->peer, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	close(c->moving);
	close(c->peer);
}

static int asked(int fd, unsigned long request)
{
	int value = 0;
	ok(ioctl(fd, request, &value), "ioctl");
	return value;
}

static void await(int fd, unsigned long request, int at_least, int at_most)
{
	for (int i = 0; i < 100000; i++) {
		int value = asked(fd, request);
		if (value >= at_least && value <= at_most)
			return;
		usleep(100);
	}
	errno = ETIMEDOUT;
	die("the queues never became what this measures");
}

static void leave(struct connection *c, enum queue queue, int bytes)
{
	static struct sock_filter drop = {BPF_RET | BPF_K, 0, 0, 0};
	static struct sock_fprog fence = {1, &drop};

	switch (queue) {
	case NONE:
		exchange(c);
		break;
	case UNREAD:
		exchange(c);
		write_all(c->peer, &c->from_peer_written, bytes);
		await(c->moving, SIOCINQ, bytes, bytes);
		await(c->peer, SIOCOUTQ, 0, 0);
		break;
	case UNACKNOWLEDGED:
		/* Opens the congestion and receive windows far enough to have all of it on the way. */
		for (long warm = 0; warm < 6L * bytes + (8 << 20); warm += CHUNK) {
			write_all(c->moving, &c->to_peer_written, CHUNK);
			if (c->to_peer_written - c->to_peer_read > 2u << 20)
				read_all(c->peer, &c->to_peer_read, c->to_peer_read + (1 << 20));
		}
		drain(c);
		await(c->moving, SIOCOUTQ, 0, 0);
		ok(setsockopt(c->peer, SOL_SOCKET, SO_ATTACH_FILTER, &fence, sizeof fence), "filter");
		write_all(c->moving, &c->to_peer_written, bytes);
		break;
	case UNSENT: {
		int small = 1 << 16, unsent = 0;
		exchange(c);
		ok(setsockopt(c->peer, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), "rcvbuf");
		while (unsent == 0) {
			write_all(c->moving, &c->to_peer_written, CHUNK);
			usleep(100);
			unsent = asked(c->moving, SIOCOUTQNSD);
		}
		if (unsent < bytes)
			write_all(c->moving, &c->to_peer_written, bytes - unsent);
		break;
	}
	}
}

static void run(int family, enum queue queue, int bytes, int warmup, int count)
{
	struct connection c;
	int64_t *times = calloc(count > 0 ? count : 1, sizeof *times);

	if (queue == NONE)
		connect_pair(&c, family, 0);
	for (int i = 0; i < warmup + count; i++) {
		int64_t took;
		if (queue != NONE)
			connect_pair(&c, family, 64 << 20);
		leave(&c, queue, bytes);
		took = move(&c, queue);
		if (i >= warmup)
			times[i - warmup] = took;
		drain(&c);
		if (queue != NONE)
			close_pair(&c);
	}
	if (queue == NONE)
		close_pair(&c);
	printf("%u", calls);
	for (int i = 0; i < count; i++)
		printf(" %lld", (long long)times[i]);
	printf("\n");
	fflush(stdout);
	free(times);
}

int main(void)
{
	static const char *const names[] = {"none", "unread", "unacknowledged", "unsent"};
	char line[128], queue[32];
	int family, bytes, warmup, count;

	srandom(2005);
	for (size_t i = 0; i < PERIOD; i++)
		pattern[i] = random() >> 8;
	for (size_t i = PERIOD; i < sizeof pattern; i++)
		pattern[i] = pattern[i - PERIOD];
	while (fgets(line, sizeof line, stdin)) {
		int kind = -1;
		if (sscanf(line, "%d %31s %d %d %d", &family, queue, &bytes, &warmup, &count) != 5)
			return 64;
		for (int i = 0; i < 4; i++)
			if (strcmp(queue, names[i]) == 0)
				kind = i;
		if (kind < 0 || bytes < 0)
			return 64;
		run(family, kind, bytes, warmup, count);
	}
	return 0;
}
