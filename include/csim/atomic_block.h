// A region of code that is meant to be atomic: as if nobody else did anything while it runs.
//
//   #include <csim/atomic_block.h>
//
//   void transfer(Account& from, Account& to, int amount) {
//     csim::atomic_block block;      // to the end of the scope
//     from.withdraw(amount);         // each of these may take and give back locks
//     to.deposit(amount);
//   }
//
// csim reports an execution in which it is not, with the accesses that show it: others have seen the block
// half done, or it has seen others' work half done. Exactly: with each block as one transaction and each
// access outside of blocks as one of its own, there is no serial order of the transactions in which all
// conflicting accesses (to the same memory, semaphore, pipe, ...; at least one writes) come in the same order.
// That somebody else takes a lock in between is no conflict, what he does under it may be one. No
// execution with a block that is not atomic is missed, since that does not depend on the order of
// independent steps: the verdict `clean` says that the blocks are atomic in all executions.
//
// All accesses count: a block that tries again after a compare-exchange has failed has read what somebody else
// wrote in between, and is reported.
//
// It adds no scheduling point and synchronises nothing; natively it does nothing. In C: csim_atomic_block_begin
// and csim_atomic_block_end, if they are not NULL.
#ifndef CSIM_ATOMIC_BLOCK_H_
#define CSIM_ATOMIC_BLOCK_H_

#pragma GCC system_header  // csim shows the program's lines, not those of this file

#ifdef __cplusplus
extern "C" {
#endif
void csim_atomic_block_begin(void) __attribute__((weak));
void csim_atomic_block_end(void) __attribute__((weak));
#ifdef __cplusplus
}

namespace csim {

class atomic_block {
 public:
  atomic_block() {
    if (csim_atomic_block_begin) csim_atomic_block_begin();
  }
  ~atomic_block() {
    if (csim_atomic_block_end) csim_atomic_block_end();
  }
  atomic_block(const atomic_block&) = delete;
  atomic_block& operator=(const atomic_block&) = delete;
};

}  // namespace csim
#endif

#endif  // CSIM_ATOMIC_BLOCK_H_
