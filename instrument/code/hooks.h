// Emits the calls and inline code of sim/abi/csim_abi.h.
//
// Everything it puts in is marked (accesses.h), so that no later stage hooks the hooks.
#ifndef CSIM_INSTRUMENT_CODE_HOOKS_H_
#define CSIM_INSTRUMENT_CODE_HOOKS_H_

#include "instrument/code/accesses.h"
#include "instrument/code/rounds.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

namespace csim::instrument {

class Hooks {
 public:
  explicit Hooks(llvm::Module& module);

  // The hook of `access`, before its instruction (atomics: also after it). The fast path of a plain
  // access is put there if `inlined`, else it is in a function of the module's own: for code that
  // is big and seldom hot, which would take long to compile otherwise.
  void Emit(const Access& access, llvm::Constant* site, bool inlined);

  // csim_state_v1.call_site = site, before `call`.
  void StoreCallSite(llvm::Instruction& call, llvm::Value* site);
  // csim_state_v1.call_site, at `at`.
  llvm::Value* LoadCallSite(llvm::Instruction& at);

  // Entry of a function, at `at`: gives the caller's context and this function's own.
  struct Context {
    llvm::Value* outer;
    llvm::Value* mine;
  };
  Context Enter(llvm::Instruction& at, llvm::Constant* site);
  // csim_state_v1.context = context, before `at`.
  void StoreContext(llvm::Instruction& at, llvm::Value* context);

  // csim_round at the head of a loop, the number `number` of its function.
  void EmitRound(const Rounds& rounds, uint32_t number);

  // True for the functions that are called for accesses and contexts.
  static bool IsHook(const llvm::Function& function);

 private:
  void EmitPlain(const Access& access, llvm::Constant* site, bool inlined);
  llvm::Function* CheckFunction(uint32_t size, bool writes);
  void EmitVtable(const Access& access, llvm::Constant* site);
  void EmitRange(const Access& access, llvm::Constant* site);
  void EmitAtomic(const Access& access, llvm::Constant* site);
  void EmitAtomicAfter(llvm::Instruction& atomic);
  llvm::Value* NeedsSlowPath(llvm::IRBuilder<>& builder, llvm::Value* pointer, uint32_t size,
                             bool writes);
  llvm::FunctionCallee PlainHook(uint32_t size, bool writes);
  llvm::Value* FieldAddress(llvm::IRBuilder<>& builder, unsigned field);
  llvm::FunctionCallee Declare(const std::string& name, llvm::Type* result,
                               llvm::ArrayRef<llvm::Type*> parameters);

  llvm::Module& module_;
  llvm::Type* void_;
  llvm::Type* pointer_;
  llvm::Type* int32_;
  llvm::Type* int64_;
  llvm::StructType* state_type_;
  llvm::MDNode* unlikely_;
};

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_CODE_HOOKS_H_
