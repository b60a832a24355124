// Which loops can tell at run time that a round of theirs changed nothing.
//
// At the head of a loop the local state of its function is the values of the head's phi nodes: all else
// that the next round uses was made before the loop, or lies in memory. So a round that came back to the
// head with the same values, and wrote no memory, was in vain: the next one does the same, unless what it
// reads has changed. The runtime compares (csim_round in sim/abi/csim_abi.h).
#ifndef CSIM_INSTRUMENT_CODE_ROUNDS_H_
#define CSIM_INSTRUMENT_CODE_ROUNDS_H_

#include <vector>

#include "llvm/IR/Function.h"
#include "llvm/IR/Instructions.h"

namespace csim::instrument {

struct Rounds {
  llvm::BasicBlock* head = nullptr;
  std::vector<llvm::PHINode*> state;
  std::vector<llvm::BasicBlock*> latches;  // from which a round comes back to the head
};

// The loops of `function` that may wait for other tasks and whose state is in phi nodes. To be asked
// before the function is changed.
std::vector<Rounds> FindRounds(llvm::Function& function);

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_CODE_ROUNDS_H_
