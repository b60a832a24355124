// Which instructions of a function can touch memory that tasks share.
#ifndef CSIM_INSTRUMENT_CODE_ACCESSES_H_
#define CSIM_INSTRUMENT_CODE_ACCESSES_H_

#include <optional>
#include <unordered_map>
#include <vector>

#include "llvm/IR/Function.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Instructions.h"

namespace csim::instrument {

enum class AccessKind : uint8_t {
  kPlain,   // one address, a size known here
  kVtable,  // of a pointer to a virtual table
  kRange,   // `length` bytes, perhaps only known at run time
  kAtomic,
  kFence,
};

// One hook's worth of an instruction.
struct Access {
  llvm::Instruction* instruction = nullptr;
  AccessKind kind = AccessKind::kPlain;
  bool writes = false;
  bool aligned = true;             // cannot cross an 8-byte granule
  llvm::Value* address = nullptr;  // null for a fence
  uint32_t size = 0;               // kPlain, kVtable, kAtomic
  llvm::Value* length = nullptr;   // kRange; null means `size`
  llvm::Value* stored = nullptr;   // kVtable writes: the new value
};

// A call to one of libatomic's functions (__atomic_load_16, __atomic_compare_exchange, ...).
struct AtomicLibraryCall {
  int what = 0;  // CSIM_ATOMIC_*
  llvm::Value* address = nullptr;
  llvm::Value* size = nullptr;   // as an argument, or
  uint32_t known_size = 0;       // from the name
  llvm::Value* order = nullptr;  // arguments
  llvm::Value* failure_order = nullptr;
};
std::optional<AtomicLibraryCall> AsAtomicLibraryCall(const llvm::CallBase& call);

// Answers "can other tasks see this?" for the addresses of one function. Our own hooks do not count
// as uses. Must be asked before the function is changed further.
class FrameAnalysis {
 public:
  // The address lies in the frame and never leaves it, or in a thread_local nobody else can reach.
  bool IsPrivate(const llvm::Value* address);

 private:
  bool Escapes(const llvm::Value* object);

  std::unordered_map<const llvm::Value*, bool> escapes_;
};

// Appends what of `instruction` has to be hooked, reads before writes.
void FindAccesses(llvm::Instruction& instruction, FrameAnalysis& frame, std::vector<Access>& out);

// Instructions put in by us, and user code that has been dealt with, carry this mark.
void MarkDone(llvm::Instruction& instruction);
bool IsMarked(const llvm::Instruction& instruction);
// True for accesses to csim_state_v1 and the shadow, also when the mark was lost.
bool IsOurState(const llvm::Value* address);

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_CODE_ACCESSES_H_
