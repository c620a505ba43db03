/*
 * siwbulk: the siw end of large transfers that both ends verify byte by byte. The other end, Offramp's interop suite,
 * leads: it sends commands, this program obeys and answers each with one message.
 *
 *   siwbulk server ADDRESS PORT BYTES [CONNECTIONS]     waits for connections, one after the other (1 unless told)
 *   siwbulk client ADDRESS PORT BYTES                   connects
 *
 * BYTES is the size of each of two buffers, a multiple of 8: a source, filled with the pattern of seed 1, and a sink.
 * A message is struct message, big-endian. Each hello advertises the sender's buffers. The initiator says it first; this
 * program as client says it once more when it is ready for the first command.
 *
 *   HELLO   buffers of the sender; length: BYTES
 *   CHECK   value: seed. How many words in the first length bytes of the sink differ from that seed's pattern? Then the
 *           sink is cleared.
 *   WRITE   RDMA Write the source into the other end's sink, length bytes at a time, then answer
 *   READ    RDMA Read the other end's source into the sink, length bytes at a time, then answer
 *   SENDS   Send count messages of length bytes of the source, from position value on, then answer
 *   TAKE    post count Receives of length bytes into the sink, from position value on, then answer
 *   QUIT    no answer; this end disconnects, and the other end waits for that: siw fails its own Sends, even when the other
 *           end has them, if a FIN overtakes their completion
 *
 * In an answer, value is 0 when all is well, and else says how many words differ.
 * Exit status: 0 when every command was obeyed and nothing differed.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <rdma/rdma_cma.h>

enum { HELLO = 1, CHECK, WRITE, READ, SENDS, TAKE, QUIT };
enum { BATCH = 64, WINDOW = 4, COMMAND_ID = 1, ANSWER_ID = 2, DATA_ID = 3 };

struct message {
	uint32_t operation, count;
	uint64_t value, length;
	uint32_t source_stag, sink_stag;
	uint64_t source, sink;
} __attribute__((packed));

static struct rdma_event_channel *channel;
static struct rdma_cm_id *id;
static struct ibv_cq *cq;
static struct ibv_mr *source_mr, *sink_mr, *messages_mr;
static uint64_t *source, *sink, bytes;
static struct message *messages;	/* 0: commands that come, 1: what is sent */
static struct message peer;
static int done[DATA_ID + 1], trouble;	/* completions that nobody has waited for yet, by id */

static void die(const char *what)
{
	printf("siwbulk: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* SplitMix64 (Steele, Lea and Flood, 2014) as a function of the position. */
static uint64_t pattern(uint64_t seed, uint64_t word)
{
	uint64_t z = (seed << 40) + (word + 1) * 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static uint64_t differing(uint64_t seed, uint64_t length)
{
	uint64_t wrong = 0;

	for (uint64_t i = 0; i < length / 8 && i < bytes / 8; i++)
		wrong += be64toh(sink[i]) != pattern(seed, i);
	memset(sink, 0, bytes);
	return wrong;
}

static struct rdma_cm_event *expect(enum rdma_cm_event_type type)
{
	struct rdma_cm_event *event;

	if (rdma_get_cm_event(channel, &event))
		die("rdma_get_cm_event");
	if (event->event != type) {
		printf("siwbulk: %s, status %d, expected %s\n", rdma_event_str(event->event), event->status,
		       rdma_event_str(type));
		exit(1);
	}
	return event;
}

static void make_buffers(void)
{
	struct ibv_pd *pd = ibv_alloc_pd(id->verbs);
	struct ibv_qp_init_attr attr = {
		.qp_type = IBV_QPT_RC, .sq_sig_all = 1,
		.cap = { .max_send_wr = BATCH + 2, .max_recv_wr = BATCH + 2, .max_send_sge = 1, .max_recv_sge = 1 },
	};
	int access = IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_READ | IBV_ACCESS_REMOTE_WRITE;

	attr.send_cq = attr.recv_cq = cq = ibv_create_cq(id->verbs, 4 * BATCH, NULL, NULL, 0);
	if (!pd || !cq || rdma_create_qp(id, pd, &attr))
		die("rdma_create_qp");
	if (!source) {
		source = aligned_alloc(4096, bytes);
		sink = aligned_alloc(4096, bytes);
		messages = aligned_alloc(4096, 4096);
		if (!source || !sink || !messages)
			die("aligned_alloc");
		for (uint64_t i = 0; i < bytes / 8; i++)
			source[i] = htobe64(pattern(1, i));
	}
	memset(sink, 0, bytes);
	source_mr = ibv_reg_mr(pd, source, bytes, access);
	sink_mr = ibv_reg_mr(pd, sink, bytes, access);
	messages_mr = ibv_reg_mr(pd, messages, 4096, access);
	if (!source_mr || !sink_mr || !messages_mr)
		die("ibv_reg_mr");
}

static void post_receive(uint64_t wr_id, void *where, uint32_t length, struct ibv_mr *mr)
{
	struct ibv_sge sge = { (uintptr_t)where, length, mr->lkey };
	struct ibv_recv_wr wr = { .wr_id = wr_id, .sg_list = &sge, .num_sge = 1 }, *bad;

	if (ibv_post_recv(id->qp, &wr, &bad))
		die("ibv_post_recv");
}

static void post(enum ibv_wr_opcode opcode, uint64_t wr_id, void *where, uint32_t length, struct ibv_mr *mr,
		 uint64_t address, uint32_t stag)
{
	struct ibv_sge sge = { (uintptr_t)where, length, mr->lkey };
	struct ibv_send_wr wr = { .wr_id = wr_id, .sg_list = &sge, .num_sge = 1, .opcode = opcode }, *bad;

	wr.wr.rdma.remote_addr = address;
	wr.wr.rdma.rkey = stag;
	if (ibv_post_send(id->qp, &wr, &bad))
		die("ibv_post_send");
}

/* Waits for a completion with this id; others that come earlier are counted. */
static void await(uint64_t wr_id)
{
	struct ibv_wc wc;

	while (!done[wr_id]) {
		int n = ibv_poll_cq(cq, 1, &wc);

		if (n == 0) {
			usleep(200);
			continue;
		}
		if (n < 0 || wc.status != IBV_WC_SUCCESS) {
			printf("siwbulk: completion %d: %s\n", (int)wc.wr_id, ibv_wc_status_str(wc.status));
			exit(1);
		}
		done[wc.wr_id]++;
	}
	done[wr_id]--;
}

static struct message command(void)
{
	await(COMMAND_ID);
	return messages[0];
}

static void expect_command(void)
{
	post_receive(COMMAND_ID, &messages[0], sizeof(messages[0]), messages_mr);
}

static void say(uint32_t operation, uint64_t value)
{
	struct message *m = &messages[1];

	memset(m, 0, sizeof(*m));
	m->operation = htobe32(operation);
	m->value = htobe64(value);
	m->length = htobe64(bytes);
	m->source = htobe64((uintptr_t)source);
	m->sink = htobe64((uintptr_t)sink);
	m->source_stag = htobe32(source_mr->rkey);
	m->sink_stag = htobe32(sink_mr->rkey);
	trouble |= value != 0;
	post(IBV_WR_SEND, ANSWER_ID, m, sizeof(*m), messages_mr, 0, 0);
	await(ANSWER_ID);
}

static void move(enum ibv_wr_opcode opcode, uint64_t chunk)
{
	int reads = opcode == IBV_WR_RDMA_READ;
	uint64_t remote = be64toh(reads ? peer.source : peer.sink);
	uint32_t stag = be32toh(reads ? peer.source_stag : peer.sink_stag);
	struct ibv_mr *mr = reads ? sink_mr : source_mr;
	int in_flight = 0;

	for (uint64_t at = 0; at < bytes; at += chunk) {
		if (in_flight == WINDOW) {
			await(DATA_ID);
			in_flight--;
		}
		post(opcode, DATA_ID, (char *)mr->addr + at, bytes - at < chunk ? bytes - at : chunk, mr, remote + at, stag);
		in_flight++;
	}
	for (; in_flight > 0; in_flight--)
		await(DATA_ID);
}

static void obey(void)
{
	for (;;) {
		struct message m = command();
		uint32_t operation = be32toh(m.operation), count = be32toh(m.count);
		uint64_t value = be64toh(m.value), length = be64toh(m.length), result = 0;

		if (operation == SENDS || operation == TAKE) {
			if (count > BATCH || !length || value > bytes || count * length > bytes - value) {
				printf("siwbulk: bad command: %u of %lu bytes at %lu\n", count, (unsigned long)length,
				       (unsigned long)value);
				exit(1);
			}
		}
		if (operation == TAKE)
			for (uint32_t i = 0; i < count; i++)
				post_receive(DATA_ID, (char *)sink + value + i * length, (uint32_t)length, sink_mr);
		if (operation != QUIT)
			expect_command();
		switch (operation) {
		case CHECK:
			result = differing(value, length);
			break;
		case WRITE:
			move(IBV_WR_RDMA_WRITE, length);
			break;
		case READ:
			move(IBV_WR_RDMA_READ, length);
			break;
		case SENDS:
			for (uint32_t i = 0; i < count; i++)
				post(IBV_WR_SEND, DATA_ID, (char *)source + value + i * length, (uint32_t)length, source_mr, 0, 0);
			for (uint32_t i = 0; i < count; i++)
				await(DATA_ID);
			break;
		case TAKE:
			break;
		case QUIT:
			return;
		default:
			printf("siwbulk: unknown command %u\n", operation);
			exit(1);
		}
		say(operation, result);
		if (operation == TAKE)
			for (uint32_t i = 0; i < count; i++)
				await(DATA_ID);
	}
}

static void hear_hello(void)
{
	peer = command();
	expect_command();
	if (be32toh(peer.operation) != HELLO || be64toh(peer.length) != bytes) {
		printf("siwbulk: no hello, or other BYTES: operation %u, %lu bytes\n", be32toh(peer.operation),
		       (unsigned long)be64toh(peer.length));
		exit(1);
	}
}

static struct rdma_conn_param depths = { .responder_resources = 16, .initiator_depth = 16 };

static void serve(struct sockaddr *address, int connections)
{
	struct rdma_cm_id *listener;

	if (rdma_create_id(channel, &listener, NULL, RDMA_PS_TCP) || rdma_bind_addr(listener, address) ||
	    rdma_listen(listener, 4))
		die("rdma_listen");
	for (int i = 0; i < connections; i++) {
		id = expect(RDMA_CM_EVENT_CONNECT_REQUEST)->id;
		memset(done, 0, sizeof(done));
		make_buffers();
		expect_command();
		if (rdma_accept(id, &depths))
			die("rdma_accept");
		expect(RDMA_CM_EVENT_ESTABLISHED);
		hear_hello();
		say(HELLO, 0);
		obey();
		rdma_disconnect(id);
		expect(RDMA_CM_EVENT_DISCONNECTED);
		printf("siwbulk: connection %d done\n", i + 1);
	}
}

static void connect_and_obey(struct sockaddr *address)
{
	if (rdma_create_id(channel, &id, NULL, RDMA_PS_TCP) || rdma_resolve_addr(id, NULL, address, 2000))
		die("rdma_resolve_addr");
	expect(RDMA_CM_EVENT_ADDR_RESOLVED);
	if (rdma_resolve_route(id, 2000))
		die("rdma_resolve_route");
	expect(RDMA_CM_EVENT_ROUTE_RESOLVED);
	make_buffers();
	expect_command();
	if (rdma_connect(id, &depths))
		die("rdma_connect");
	expect(RDMA_CM_EVENT_ESTABLISHED);
	say(HELLO, 0);
	hear_hello();
	say(HELLO, 0);	/* only now is a Receive for the first command posted */
	obey();
	rdma_disconnect(id);
	expect(RDMA_CM_EVENT_DISCONNECTED);
	printf("siwbulk: connection 1 done\n");
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };

	if (argc < 5 || inet_pton(AF_INET, argv[2], &address.sin_addr) != 1) {
		fprintf(stderr, "usage: siwbulk server|client ADDRESS PORT BYTES [CONNECTIONS]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	address.sin_port = htons((uint16_t)atoi(argv[3]));
	bytes = strtoull(argv[4], NULL, 10);
	if (!bytes || bytes % 8) {
		fprintf(stderr, "BYTES must be a positive multiple of 8\n");
		return 2;
	}
	channel = rdma_create_event_channel();
	if (!channel)
		die("rdma_create_event_channel");
	if (!strcmp(argv[1], "server"))
		serve((struct sockaddr *)&address, argc > 5 ? atoi(argv[5]) : 1);
	else
		connect_and_obey((struct sockaddr *)&address);
	return trouble;
}
