/* A Modbus TCP server for tests: many connections, one register mapping a unit id, answers after a set latency.
 *
 * usage: modbus_server PORT [LATENCY_MS [STRICT]]
 * stdin, one command a line, each answered by "ok" or "error TEXT":
 *   set UNIT FUNCTION ADDRESS HEX...   values from ADDRESS on, 4 hexadecimal digits each (functions 1, 2: 0 or 1)
 *   latency MS
 * Prints "listening" when ready, ends when stdin closes. An unknown unit id gets no answer. With STRICT 1 an address
 * never set answers exception 2. libmodbus maps no unit ids of its own, so the mapping is chosen by the header's.
 */
#include <errno.h>
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>
#include <unistd.h>

#define ADDRESSES 65536
#define UNITS 256
#define LINE 65536

typedef struct {
    modbus_mapping_t *mapping;
    unsigned char *defined[5]; /* by function: 1 where an address was set */
} unit_t;

typedef struct {
    int waiting; /* a request is held back until `due` */
    int length;
    double due;
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
} pending_t;

static unit_t units[UNITS];
static pending_t pending[FD_SETSIZE];
static modbus_t *context;
static double latency;
static int strict;

static double now(void) {
    struct timeval time;
    gettimeofday(&time, NULL);
    return time.tv_sec + time.tv_usec / 1e6;
}

static unit_t *make_unit(int number) {
    unit_t *unit = &units[number];
    if (!unit->mapping) {
        unit->mapping = modbus_mapping_new(ADDRESSES, ADDRESSES, ADDRESSES, ADDRESSES);
        for (int function = 1; function <= 4; function++) unit->defined[function] = calloc(ADDRESSES, 1);
    }
    return unit;
}

static void store(unit_t *unit, int function, int address, unsigned value) {
    unit->defined[function][address] = 1;
    if (function == 1) unit->mapping->tab_bits[address] = value != 0;
    if (function == 2) unit->mapping->tab_input_bits[address] = value != 0;
    if (function == 3) unit->mapping->tab_registers[address] = (uint16_t)value;
    if (function == 4) unit->mapping->tab_input_registers[address] = (uint16_t)value;
}

static const char *set(char *arguments) {
    int number, function, address, used = 0;
    unsigned value;
    if (sscanf(arguments, "%d %d %d%n", &number, &function, &address, &used) != 3) return "set UNIT FUNCTION ADDRESS";
    if (number < 0 || number >= UNITS || function < 1 || function > 4) return "no such unit or function";
    unit_t *unit = make_unit(number);
    for (arguments += used; sscanf(arguments, "%x%n", &value, &used) == 1; arguments += used, address++) {
        if (address < 0 || address >= ADDRESSES) return "address out of range";
        store(unit, function, address, value);
    }
    return NULL;
}

static void obey(char *line) {
    const char *error = NULL;
    if (!strncmp(line, "set ", 4)) error = set(line + 4);
    else if (!strncmp(line, "latency ", 8)) latency = atof(line + 8) / 1000;
    else error = "unknown command";
    if (error) printf("error %s\n", error);
    else printf("ok\n");
    fflush(stdout);
}

/* Commands may arrive several at a time or in pieces. Returns 0 at the end of stdin. */
static int read_commands(void) {
    static char buffer[LINE];
    static size_t filled;
    ssize_t got = read(STDIN_FILENO, buffer + filled, sizeof buffer - 1 - filled);
    if (got <= 0) return 0;
    filled += got;
    buffer[filled] = 0;
    char *start = buffer, *end;
    for (; (end = strchr(start, '\n')); start = end + 1) {
        *end = 0;
        obey(start);
    }
    filled = strlen(start);
    memmove(buffer, start, filled);
    return filled < sizeof buffer - 1;
}

static int all_defined(const unit_t *unit, const uint8_t *query) {
    int function = query[7], address = query[8] << 8 | query[9], count = query[10] << 8 | query[11];
    if (!strict || function < 1 || function > 4) return 1;
    for (int place = address; place < address + count && place < ADDRESSES; place++)
        if (!unit->defined[function][place]) return 0;
    return 1;
}

static void answer(int socket) {
    pending_t *request = &pending[socket];
    unit_t *unit = &units[request->query[6]];
    request->waiting = 0;
    if (!unit->mapping) return;
    modbus_set_socket(context, socket);
    if (all_defined(unit, request->query)) modbus_reply(context, request->query, request->length, unit->mapping);
    else modbus_reply_exception(context, request->query, MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS);
}

static void receive(int socket, fd_set *watched) {
    pending_t *request = &pending[socket];
    modbus_set_socket(context, socket);
    int length = modbus_receive(context, request->query);
    if (length < 0) {
        close(socket);
        FD_CLR(socket, watched);
        request->waiting = 0;
        return;
    }
    if (length == 0) return;
    request->length = length;
    request->waiting = 1;
    request->due = now() + latency;
    if (latency <= 0) answer(socket);
}

/* Answer what is due; returns seconds until the next one, at most 1. */
static double answer_due(int highest) {
    double wait = 1, time = now();
    for (int socket = 0; socket <= highest; socket++) {
        if (!pending[socket].waiting) continue;
        if (pending[socket].due <= time) answer(socket);
        else if (pending[socket].due - time < wait) wait = pending[socket].due - time;
    }
    return wait;
}

static void serve(int listener) {
    fd_set watched, ready;
    int highest = listener;
    FD_ZERO(&watched);
    FD_SET(listener, &watched);
    FD_SET(STDIN_FILENO, &watched);
    for (;;) {
        double wait = answer_due(highest);
        struct timeval timeout = {(time_t)wait, (suseconds_t)((wait - (time_t)wait) * 1e6)};
        ready = watched;
        if (select(highest + 1, &ready, NULL, NULL, &timeout) < 0) {
            if (errno == EINTR) continue;
            perror("select");
            exit(1);
        }
        if (FD_ISSET(STDIN_FILENO, &ready) && !read_commands()) return;
        for (int socket = STDIN_FILENO + 1; socket <= highest; socket++) {
            if (socket == listener || !FD_ISSET(socket, &ready)) continue;
            receive(socket, &watched);
        }
        if (FD_ISSET(listener, &ready)) {
            int fresh = modbus_tcp_accept(context, &listener);
            if (fresh < 0) continue;
            if (fresh >= FD_SETSIZE) { close(fresh); continue; }
            FD_SET(fresh, &watched);
            pending[fresh].waiting = 0;
            if (fresh > highest) highest = fresh;
        }
    }
}

int main(int count, char **arguments) {
    if (count < 2) {
        fprintf(stderr, "usage: modbus_server PORT [LATENCY_MS [STRICT]]\n");
        return 2;
    }
    latency = count > 2 ? atof(arguments[2]) / 1000 : 0;
    strict = count > 3 && atoi(arguments[3]);
    context = modbus_new_tcp("127.0.0.1", atoi(arguments[1]));
    int listener = context ? modbus_tcp_listen(context, 256) : -1;
    if (listener < 0) {
        fprintf(stderr, "cannot listen: %s\n", modbus_strerror(errno));
        return 1;
    }
    printf("listening\n");
    fflush(stdout);
    serve(listener);
    return 0;
}
