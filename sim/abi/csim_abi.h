/* The functions and data that instrumented code calls and reads: the whole contract between the
 * instrumentation (instrument/) and the runtime (sim/runtime).
 *
 * Includes nothing but the integer types, is C, and is versioned by the name of one symbol that every
 * instrumented object refers to: objects of another version fail to link.
 *
 * Exactly one task of the program runs at a time, so the "current task" state below is one global
 * struct, not thread-local: the runtime swaps it at every task switch. */
#ifndef CSIM_SIM_ABI_CSIM_ABI_H_
#define CSIM_SIM_ABI_CSIM_ABI_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One place in the source. All sites of a program lie in its section `csim_sites`, so that a site is
 * also a number: its index there, counted from 1. Strings are given as signed distances in bytes from
 * the field itself to a NUL-terminated UTF-8 string in read-only data (no dynamic relocations);
 * 0 means "not known". 32 bytes. */
struct csim_site {
  int32_t file;     /* path as the compiler saw it */
  int32_t function; /* enclosing function, demangled, without parameters: "worker" */
  int32_t text;     /* the expression: "accounts[from].balance", "++counter", "m.lock()" */
  int32_t variable; /* declaration that is accessed: "counter", "Account::balance" */
  uint32_t line;
  int32_t caller_file; /* of code of a system header that was inlined: the place in user code */
  uint32_t caller_line;
  uint16_t column;
  uint16_t caller_column;
};

/* `text` of the sites of functions that are coroutines; those of other functions have none. */
#define CSIM_COROUTINE "coroutine"

/* A node of the calling-context tree; opaque to instrumented code. */
struct csim_context;

/* Shadow memory: csim_state.shadow_index[address >> 16] is the number of the 64 KiB chunk's shadow;
 * shadow_base + number * CSIM_SHADOW_CHUNK + ((address & 0xffff) >> 3) * sizeof(struct csim_cell)
 * is the cell of the 8-byte granule. Number 0 is a chunk that is never equal to any epoch, so no test
 * for "no shadow yet" is needed. */
struct csim_cell {
  uint64_t write; /* epoch of the last write, with the byte mask of that access; see below */
  uint32_t write_site;
  uint32_t write_stack;
  uint64_t read;
  uint32_t read_site;
  uint32_t read_stack;
};
#define CSIM_SHADOW_CHUNK (8192 * sizeof(struct csim_cell))

/* Epochs: clock << 18 | slot << 8 | byte mask. csim_state.epoch has mask 0. */

/* What the current task's inlined fast paths need. */
struct csim_state_v1 {
  uint64_t epoch;
  const uint32_t* shadow_index;
  char* shadow_base;
  struct csim_context* context;      /* of the running function */
  const struct csim_site* call_site; /* of the last call made by instrumented code */
  uint64_t expected;                 /* by the compare-exchange that comes, zero-extended ... */
  uint64_t expects;                  /* ... if this is 1 */
};
/* Initial-exec is not needed: not thread-local. The name carries the version of this ABI. */
extern struct csim_state_v1 csim_state_v1;

/* ---- Plain accesses ----
 * The compiled-in fast path for an access of SIZE bytes at P that does not cross an 8-byte granule:
 *   mask = ((1 << SIZE) - 1) << (P & 7);  covers(e): ((e ^ (csim_state_v1.epoch | mask)) & (mask | ~0xff)) == 0
 *   read:  if (covers(cell->read) || covers(cell->write)) nothing; else csim_readSIZE(P, site)
 *   write: if (covers(cell->write)) nothing;                       else csim_writeSIZE(P, site)
 * covers: the same epoch, and a mask with all these bytes.
 * Call before the access. Accesses that may cross a granule, and all other sizes, call the range
 * functions. `site` is never NULL. */
void csim_read1(const void* p, const struct csim_site* site);
void csim_read2(const void* p, const struct csim_site* site);
void csim_read4(const void* p, const struct csim_site* site);
void csim_read8(const void* p, const struct csim_site* site);
void csim_read_range(const void* p, size_t size, const struct csim_site* site);
void csim_write1(const void* p, const struct csim_site* site);
void csim_write2(const void* p, const struct csim_site* site);
void csim_write4(const void* p, const struct csim_site* site);
void csim_write8(const void* p, const struct csim_site* site);
void csim_write_range(const void* p, size_t size, const struct csim_site* site);
/* Virtual table pointers: a store of the value that is there already is no write. */
void csim_vptr_read(const void* p, const struct csim_site* site);
void csim_vptr_write(const void* p, const void* value, const struct csim_site* site);

/* ---- Atomic accesses: one call before and one right after the instruction ----
 * `what` is one of CSIM_ATOMIC_*, `order` and `failure_order` are the compiler's __ATOMIC_* numbers
 * (failure_order for compare-exchange only). csim_atomic_after gets the value that was read (0 for a
 * store; the low 64 bits, zero-extended) and whether a compare-exchange succeeded (1 otherwise).
 * Before the call for a compare-exchange of up to 8 bytes: csim_state_v1.expected = what it expects,
 * csim_state_v1.expects = 1. One that does not tell is taken to write. */
enum { CSIM_ATOMIC_LOAD, CSIM_ATOMIC_STORE, CSIM_ATOMIC_RMW, CSIM_ATOMIC_CAS };
void csim_atomic_before(const void* p, size_t size, int what, int order, int failure_order,
                        const struct csim_site* site);
void csim_atomic_after(uint64_t value, int success);
void csim_fence(int order, const struct csim_site* site);

/* ---- Loops ----
 * At the head of a loop whose local state is `state` (equal states: equal values) and which changes no
 * memory of its frame: `number` counts the loops of `function`, `again` is 0 when the loop begins. */
void csim_round(const void* function, unsigned number, uint64_t state, int again);

/* ---- Calls ----
 * Before every call that may matter (not to intrinsics): csim_state_v1.call_site = the call's site,
 * by a plain store in the instrumented code. Function entry: saves csim_state_v1.context in a local
 * value `outer`, then `mine` = csim_enter(function's site) which also sets csim_state_v1.context to
 * mine. Every return: csim_state_v1.context = outer. Every landing pad, and after every call that
 * returns twice: csim_state_v1.context = mine. */
struct csim_context* csim_enter(const struct csim_site* function);

/* ---- Failed assertions, from the source stage's rewriting of assert ----
 * `left` and `right` are the operands' values as text, or NULL. Does not return. */
void csim_assert_failed(const char* expression, const char* file, unsigned line,
                        const char* function, const char* left, const char* right)
    __attribute__((noreturn));

/* ---- Thread-safety attributes, from the source stage's rewriting ----
 * A capability is named by its address. `text`: "balance_ is guarded_by(mutex_)". The calling task must hold
 * it (required: here; expected: when the caller of the running function called it), or must not
 * (excluded: likewise). A function that is declared to acquire or release one tells so when it returns,
 * with the count of its task when it was entered; `scope`: the object whose destructor gives it up, or NULL. */
void csim_capability_required(const void* capability, int shared, const char* text);
void csim_capability_expected(const void* capability, int shared, const char* text);
void csim_capability_excluded(const void* capability, const char* text);
unsigned csim_capability_count(const void* capability);
void csim_capability_acquired(const void* capability, int shared, unsigned before,
                              const void* scope);
void csim_capability_released(const void* capability, unsigned before);
void csim_capability_scope_ended(const void* scope);

/* ---- Findings of headers and rewritten code ----
 * A finding of `kind` ("property", "linearizability", "atomicity", "contract", "starvation"; anything else is
 * an assertion; "reached" is what a property waits for, and no bug) at the caller's place: `text` says what is wrong, `detail` (may be NULL, may have several
 * lines) shows it. Ends the execution. */
void csim_failed(const char* kind, const char* text, const char* detail) __attribute__((noreturn));

/* ---- Properties of a specification (include/csim/lock_spec.h) ----
 * A program that states `count` properties, each of which csim explores by itself. Returns the index of the
 * one that this execution is to check; `count` if it is to check none (then csim only wants to know what
 * there is). The names are short words without spaces, `text` says in a sentence what holds. */
struct csim_property {
  const char* name;
  const char* text;
  unsigned flags; /* CSIM_PROPERTY_* */
};
enum {
  CSIM_PROPERTY_REACHED = 1,           /* holds if some execution reports "reached" (csim_failed) */
  CSIM_PROPERTY_VIRTUAL_TIME = 2,      /* explored on the virtual clock (--timeouts virtual) */
  CSIM_PROPERTY_NOT_DEMANDED = 4,      /* decided and shown, but no bug if it does not hold */
  CSIM_PROPERTY_IGNORES_RACES = 8,     /* data races are the business of another property */
  CSIM_PROPERTY_IGNORES_DEADLOCKS = 16 /* deadlocks and livelocks too */
};
unsigned csim_properties(const struct csim_property* list, unsigned count);
/* The largest `value` of `what` over all executions is shown, with its trace. */
void csim_measure(const char* what, uint64_t value);
/* ---- The order of what tasks do, whatever the schedule (include/csim/linearizable.h) ----
 * A mark is a point of the calling task. csim_order_before: whether something that the task of `a` did behind
 * `a` comes before `b` of another task in all executions that differ from this one in the order of independent
 * operations only. Neither is a scheduling point. The first mark of an execution must be made before what it
 * is to be asked about. */
uint64_t csim_order_mark(void);
int csim_order_before(uint64_t a, uint64_t b);
/* A memory that outlives executions, so that what is known to be right need not be checked again: whether
 * `key` (a hash of all that matters) was told to csim_remember in an earlier execution. */
int csim_known(uint64_t key);
void csim_remember(uint64_t key);
/* Something is left out: `text` says what, and the verdict is `bounded`. */
void csim_bounded(const char* text);

/* ---- include/csim/atomic_block.h ---- */
void csim_atomic_block_begin(void);
void csim_atomic_block_end(void);

/* ---- include/csim/csim.h ---- */
unsigned csim_choose(unsigned n);
void csim_assume(int condition);
void csim_note(const char* text);

#ifdef __cplusplus
}
#endif

#endif /* CSIM_SIM_ABI_CSIM_ABI_H_ */
