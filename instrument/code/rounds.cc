// See rounds.h.
#include "instrument/code/rounds.h"

#include <algorithm>

#include "instrument/code/accesses.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/IntrinsicInst.h"

namespace csim::instrument {
namespace {

bool InFrame(const llvm::Value* pointer) {
  return pointer->getType()->isPointerTy() &&
         llvm::isa<llvm::AllocaInst>(llvm::getUnderlyingObject(pointer, 0));
}

// What such a function does to memory is seen by the runtime, or it does nothing.
bool IsTransparent(const llvm::CallBase& call) {
  if (call.isInlineAsm()) return call.arg_empty() && call.getType()->isVoidTy();  // a pause
  const llvm::Function* callee = call.getCalledFunction();
  if (callee == nullptr) return false;
  if (!callee->isDeclaration()) return true;
  static constexpr llvm::StringLiteral kKnown[] = {"sched_yield",
                                                   "pthread_yield",
                                                   "thrd_yield",
                                                   "usleep",
                                                   "nanosleep",
                                                   "pthread_mutex_lock",
                                                   "pthread_mutex_trylock",
                                                   "pthread_mutex_unlock",
                                                   "pthread_spin_lock",
                                                   "pthread_spin_trylock",
                                                   "pthread_spin_unlock"};
  return std::any_of(std::begin(kKnown), std::end(kKnown),
                     [&](llvm::StringRef known) { return callee->getName() == known; });
}

// Other tasks can change what it sees: without any of these a loop has nothing to wait for.
bool LooksAtOthers(const llvm::Instruction& instruction) {
  if (instruction.isAtomic()) return true;
  auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction);
  if (call == nullptr || call->getCalledFunction() == nullptr) return false;
  const llvm::StringRef name = call->getCalledFunction()->getName();
  return name.contains("atomic") || name.contains("trylock") || name.contains("try_lock");
}

// Whether all that the instruction changes is a value of its own, or memory that the runtime watches:
// the frame is not, and what lies there may end up in registers.
bool LeavesFrameAlone(const llvm::Instruction& instruction) {
  if (auto* intrinsic = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction)) {
    if (intrinsic->isAssumeLikeIntrinsic()) return true;
    if (!instruction.mayWriteToMemory()) return true;
    return llvm::isa<llvm::MemIntrinsic>(intrinsic) &&
           !InFrame(llvm::cast<llvm::MemIntrinsic>(intrinsic)->getDest());
  }
  if (auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction)) {
    return IsTransparent(*call) && std::none_of(call->arg_begin(), call->arg_end(),
                                                [](const llvm::Use& use) { return InFrame(use); });
  }
  if (!instruction.mayWriteToMemory()) return true;
  const llvm::Value* address = nullptr;
  if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction)) {
    address = store->getPointerOperand();
  } else if (auto* rmw = llvm::dyn_cast<llvm::AtomicRMWInst>(&instruction)) {
    address = rmw->getPointerOperand();
  } else if (auto* cas = llvm::dyn_cast<llvm::AtomicCmpXchgInst>(&instruction)) {
    address = cas->getPointerOperand();
  } else {
    // An ordered load, a fence.
    return llvm::isa<llvm::LoadInst>(instruction) || llvm::isa<llvm::FenceInst>(instruction);
  }
  return !InFrame(address);
}

// A value that fits into 64 bits.
bool IsSmall(const llvm::PHINode& phi) {
  const llvm::Type* type = phi.getType();
  if (type->isPointerTy()) return true;
  return (type->isIntegerTy() || type->isFloatTy() || type->isDoubleTy()) &&
         type->getPrimitiveSizeInBits() <= 64;
}

bool Describe(const llvm::Loop& loop, Rounds* rounds) {
  rounds->head = loop.getHeader();
  for (llvm::PHINode& phi : rounds->head->phis()) {
    if (!IsSmall(phi)) return false;
    rounds->state.push_back(&phi);
  }
  llvm::SmallVector<llvm::BasicBlock*, 4> latches;
  loop.getLoopLatches(latches);
  rounds->latches.assign(latches.begin(), latches.end());
  bool waits = false;
  for (const llvm::BasicBlock* block : loop.blocks()) {
    for (const llvm::Instruction& instruction : *block) {
      if (!LeavesFrameAlone(instruction)) return false;
      waits |= LooksAtOthers(instruction);
    }
  }
  return waits && rounds->head->getFirstInsertionPt() != rounds->head->end();
}

}  // namespace

std::vector<Rounds> FindRounds(llvm::Function& function) {
  std::vector<Rounds> found;
  llvm::DominatorTree dominators(function);
  llvm::LoopInfo loops(dominators);
  for (const llvm::Loop* loop : loops.getLoopsInPreorder()) {
    Rounds rounds;
    if (Describe(*loop, &rounds)) found.push_back(std::move(rounds));
  }
  return found;
}

}  // namespace csim::instrument
