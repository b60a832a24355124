/* A stand-in for the real runtime: counts the hook calls of an instrumented program by kind and
 * site and writes them to the file that CSIM_FAKE_LOG names when the program ends.
 *
 * Its shadow memory never matches, so every plain access reaches its hook; unless CSIM_FAKE_MASK
 * says which bytes of every granule (a number) have been written, and CSIM_FAKE_READ which were
 * read. One line per kind and site in order of first appearance, fields separated by tabs: kind
 * count size file line column function text variable caller_file caller_line extra stack For one
 * thread at a time only. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "sim/abi/csim_abi.h"

struct csim_context {
  struct csim_context* outer;
  const struct csim_site* call;
  const struct csim_site* function;
};

struct row {
  const char* kind;
  const struct csim_site* site;
  const struct csim_context* context;
  uint64_t count;
  uint64_t size;
  char extra[64];
};

enum { kRows = 20000 };
static struct row rows[kRows];
static int row_count;
static char cells[CSIM_SHADOW_CHUNK];
static uint32_t* chunk_numbers;

extern const struct csim_site __start_csim_sites[] __attribute__((weak));
extern const struct csim_site __stop_csim_sites[] __attribute__((weak));

struct csim_state_v1 csim_state_v1 = {.epoch = (uint64_t)1 << 18 | 1 << 8};

static void finish(void);

__attribute__((constructor)) static void start(void) {
  chunk_numbers = mmap(NULL, ((size_t)1 << 31) * sizeof(uint32_t), PROT_READ,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (chunk_numbers == MAP_FAILED) abort();
  csim_state_v1.shadow_index = chunk_numbers;
  csim_state_v1.shadow_base = cells;
  const char* written = getenv("CSIM_FAKE_MASK");
  const char* read = getenv("CSIM_FAKE_READ");
  for (struct csim_cell* cell = (struct csim_cell*)cells; cell != (void*)(cells + sizeof cells);
       ++cell) {
    if (written != NULL) cell->write = csim_state_v1.epoch | strtoul(written, NULL, 0);
    if (read != NULL) cell->read = csim_state_v1.epoch | strtoul(read, NULL, 0);
  }
  atexit(finish);
}

static const char* text_of(const int32_t* field) {
  return *field == 0 ? "" : (const char*)field + *field;
}

static void log_call(const char* kind, const struct csim_site* site, uint64_t size,
                     const char* extra) {
  const struct csim_context* context = csim_state_v1.context;
  for (int i = row_count; i-- > 0;) {
    struct row* row = &rows[i];
    if (row->site == site && row->size == size && row->context == context &&
        strcmp(row->kind, kind) == 0 && strcmp(row->extra, extra) == 0) {
      ++row->count;
      return;
    }
  }
  if (row_count == kRows) abort();
  struct row* row = &rows[row_count++];
  row->kind = kind;
  row->site = site;
  row->context = context;
  row->count = 1;
  row->size = size;
  snprintf(row->extra, sizeof(row->extra), "%s", extra);
}

static void print_stack(FILE* out, const struct csim_context* context) {
  for (; context != NULL; context = context->outer) {
    fprintf(out, "%s%s", text_of(&context->function->function), context->outer != NULL ? "<" : "");
  }
}

static void print_row(FILE* out, const struct row* row) {
  static const struct csim_site none;
  const struct csim_site* site = row->site != NULL ? row->site : &none;
  fprintf(out, "%s\t%lu\t%lu\t%s\t%u\t%u\t%s\t%s\t%s\t%s\t%u\t%s\t", row->kind,
          (unsigned long)row->count, (unsigned long)row->size, text_of(&site->file), site->line,
          site->column, text_of(&site->function), text_of(&site->text), text_of(&site->variable),
          text_of(&site->caller_file), site->caller_line, row->extra);
  print_stack(out, row->context);
  fputc('\n', out);
}

static void finish(void) {
  const char* path = getenv("CSIM_FAKE_LOG");
  FILE* out = path != NULL ? fopen(path, "w") : NULL;
  if (out == NULL) return;
  for (int i = 0; i < row_count; ++i) print_row(out, &rows[i]);
  fprintf(out, "end\t%d\n", csim_state_v1.context == NULL);
  fclose(out);
}

#define PLAIN(size)                                                    \
  void csim_read##size(const void* p, const struct csim_site* site) {  \
    (void)p;                                                           \
    log_call("read", site, size, "");                                  \
  }                                                                    \
  void csim_write##size(const void* p, const struct csim_site* site) { \
    (void)p;                                                           \
    log_call("write", site, size, "");                                 \
  }
PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)

void csim_read_range(const void* p, size_t size, const struct csim_site* site) {
  (void)p;
  log_call("read_range", site, size, "");
}
void csim_write_range(const void* p, size_t size, const struct csim_site* site) {
  (void)p;
  log_call("write_range", site, size, "");
}
void csim_vptr_read(const void* p, const struct csim_site* site) {
  (void)p;
  log_call("vptr_read", site, 8, "");
}
void csim_vptr_write(const void* p, const void* value, const struct csim_site* site) {
  (void)p;
  (void)value;
  log_call("vptr_write", site, 8, "");
}

static const struct csim_site* atomic_site;

void csim_atomic_before(const void* p, size_t size, int what, int order, int failure_order,
                        const struct csim_site* site) {
  static const char* const kNames[] = {"load", "store", "rmw", "cas"};
  char extra[64];
  (void)p;
  atomic_site = site;
  snprintf(extra, sizeof(extra), "%s order %d/%d", kNames[what], order, failure_order);
  log_call("atomic", site, size, extra);
}
void csim_atomic_after(uint64_t value, int success) {
  char extra[64];
  snprintf(extra, sizeof(extra), "value %lx success %d", (unsigned long)value, success);
  log_call("atomic_after", atomic_site, 0, extra);
}
void csim_fence(int order, const struct csim_site* site) {
  char extra[64];
  snprintf(extra, sizeof(extra), "order %d", order);
  log_call("fence", site, 0, extra);
}

struct csim_context* csim_enter(const struct csim_site* function) {
  struct csim_context* context = malloc(sizeof(*context));
  context->outer = csim_state_v1.context;
  context->call = csim_state_v1.call_site;
  context->function = function;
  csim_state_v1.context = context;
  log_call("enter", function, 0, "");
  return context;
}

void csim_assert_failed(const char* expression, const char* file, unsigned line,
                        const char* function, const char* left, const char* right) {
  fprintf(stderr, "%s:%u: %s: assertion `%s` failed: %s vs %s\n", file, line, function, expression,
          left != NULL ? left : "-", right != NULL ? right : "-");
  exit(42);
}

/* Interposed calls are logged with the call site that the program left. */
#define LOGGED_CALL(name, parameter)                 \
  int name(parameter* p) {                           \
    (void)p;                                         \
    log_call(#name, csim_state_v1.call_site, 0, ""); \
    return 0;                                        \
  }
LOGGED_CALL(pthread_mutex_lock, pthread_mutex_t)
LOGGED_CALL(pthread_mutex_unlock, pthread_mutex_t)

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                   void* (*start_routine)(void*), void* argument) {
  (void)attributes;
  *thread = pthread_self() + 1;
  log_call("pthread_create", csim_state_v1.call_site, 0, "");
  struct csim_context* outer = csim_state_v1.context;
  csim_state_v1.context = NULL;
  start_routine(argument);
  csim_state_v1.context = outer;
  return 0;
}
int pthread_join(pthread_t thread, void** result) {
  (void)thread;
  if (result != NULL) *result = NULL;
  log_call("pthread_join", csim_state_v1.call_site, 0, "");
  return 0;
}

/* Thread-safety attributes: what was checked and told, in order. */
static const char* mode_of(int shared) { return shared ? "shared" : "exclusive"; }
void csim_capability_required(const void* capability, int shared, const char* text) {
  if (capability != NULL) printf("required %s %s\n", mode_of(shared), text);
}
void csim_capability_expected(const void* capability, int shared, const char* text) {
  if (capability != NULL) printf("expected %s %s\n", mode_of(shared), text);
}
void csim_capability_excluded(const void* capability, const char* text) {
  if (capability != NULL) printf("excluded %s\n", text);
}
unsigned csim_capability_count(const void* capability) { return capability == NULL; }
void csim_capability_acquired(const void* capability, int shared, unsigned before,
                              const void* scope) {
  if (capability != NULL && before == 0 && scope == NULL) printf("acquired %s\n", mode_of(shared));
}
void csim_capability_released(const void* capability, unsigned before) {
  if (capability != NULL && before == 0) printf("released\n");
}
void csim_capability_scope_ended(const void* scope) {
  if (scope != NULL) printf("scope ended\n");
}
