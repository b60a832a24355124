// The first read-write lock ever published (Courtois, Heymans, Parnas, "Concurrent control with readers and
// writers", 1971, problem 1): the first reader takes the room for all readers, the last one gives it back.
// Readers go first; a writer and the first reader compete for the room as for any lock. With -DNO_MUTEX
// the readers count themselves without excluding each other.
//
// expect: clean
// properties: mutual-exclusion holds, no-data-race holds, deadlock-freedom holds, readers-share holds
// properties: recursive-read holds, writer-first violated
// properties: first-come-first-served violated, together-write-first violated
//
// csim: -DNO_MUTEX
// expect: bug data-race
// properties: no-data-race violated
#include <csim/lock_spec.h>
#include <semaphore.h>

class CourtoisLock {
 public:
  CourtoisLock() {
    sem_init(&count_, 0, 1);
    sem_init(&room_, 0, 1);
  }
  ~CourtoisLock() {
    sem_destroy(&count_);
    sem_destroy(&room_);
  }
  void lock_shared() {
    Take(&count_);
    if (++readers_ == 1) sem_wait(&room_);
    Give(&count_);
  }
  void unlock_shared() {
    Take(&count_);
    if (--readers_ == 0) sem_post(&room_);
    Give(&count_);
  }
  void lock() { sem_wait(&room_); }
  void unlock() { sem_post(&room_); }

 private:
#ifdef NO_MUTEX
  static void Take(sem_t*) {}
  static void Give(sem_t*) {}
#else
  static void Take(sem_t* semaphore) { sem_wait(semaphore); }
  static void Give(sem_t* semaphore) { sem_post(semaphore); }
#endif
  sem_t count_;
  sem_t room_;
  int readers_ = 0;  // guarded by count_
};

int main() { return csim::check_rwlock<CourtoisLock>(); }
