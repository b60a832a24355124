// After the Bluetooth driver of Qadeer and Wu (PLDI 2004): one thread uses the driver while another
// stops it. A use is announced by counting up, but the flag was looked at before.
//
// The check fails if the driver is stopped altogether between these two steps.
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

static atomic_int pending = 1;  // uses under way, and one for the driver being there
static atomic_int stopping;
static atomic_int nobody_left;
static atomic_int stopped;

static int get(atomic_int* value) { return atomic_load_explicit(value, memory_order_relaxed); }
static void raise(atomic_int* flag) { atomic_store_explicit(flag, 1, memory_order_relaxed); }

static int enter(void) {
  if (get(&stopping)) return 0;
  atomic_fetch_add_explicit(&pending, 1, memory_order_relaxed);
  return 1;
}

static void leave(void) {
  if (atomic_fetch_sub_explicit(&pending, 1, memory_order_relaxed) == 1) raise(&nobody_left);
}

static void* stop(void* unused) {
  raise(&stopping);
  leave();
  while (!get(&nobody_left)) sched_yield();
  raise(&stopped);
  return unused;
}

int main(void) {
  pthread_t stopper;
  pthread_create(&stopper, NULL, stop, NULL);
  if (enter()) {
    assert(!get(&stopped));
    leave();
  }
  pthread_join(stopper, NULL);
  return 0;
}
