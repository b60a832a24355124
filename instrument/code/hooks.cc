// See hooks.h.
#include "instrument/code/hooks.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "sim/abi/csim_abi.h"

namespace csim::instrument {
namespace {

// Fields of struct csim_state_v1.
enum StateField : unsigned {
  kEpoch,
  kShadowIndex,
  kShadowBase,
  kContext,
  kCallSite,
  kExpected,
  kExpects
};

int OrderNumber(llvm::AtomicOrdering order) {
  switch (order) {
    case llvm::AtomicOrdering::NotAtomic:
    case llvm::AtomicOrdering::Unordered:
    case llvm::AtomicOrdering::Monotonic: return __ATOMIC_RELAXED;
    case llvm::AtomicOrdering::Acquire: return __ATOMIC_ACQUIRE;
    case llvm::AtomicOrdering::Release: return __ATOMIC_RELEASE;
    case llvm::AtomicOrdering::AcquireRelease: return __ATOMIC_ACQ_REL;
    case llvm::AtomicOrdering::SequentiallyConsistent: return __ATOMIC_SEQ_CST;
  }
  return __ATOMIC_SEQ_CST;
}

// libstdc++ guards the pointer of an atomic<shared_ptr> by a lock bit which a reader gives up with a
// relaxed operation. That is enough on the machines it runs on, but orders nothing by the letter of the
// language: every use would count as a race. Its users mean a lock.
bool IsSharedPointerLock(const llvm::Instruction& atomic) {
  for (const llvm::DILocation* at = atomic.getDebugLoc(); at != nullptr; at = at->getInlinedAt()) {
    const llvm::DISubprogram* function = at->getScope()->getSubprogram();
    if (function->getLinkageName().contains("_Sp_atomic")) return true;
  }
  return false;
}

struct AtomicShape {
  int what = CSIM_ATOMIC_LOAD;
  llvm::AtomicOrdering order = llvm::AtomicOrdering::SequentiallyConsistent;
  llvm::AtomicOrdering failure_order = llvm::AtomicOrdering::Monotonic;
};

AtomicShape ShapeOf(const llvm::Instruction& atomic) {
  if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&atomic)) {
    return {CSIM_ATOMIC_LOAD, load->getOrdering()};
  }
  if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&atomic)) {
    return {CSIM_ATOMIC_STORE, store->getOrdering()};
  }
  if (auto* rmw = llvm::dyn_cast<llvm::AtomicRMWInst>(&atomic)) {
    return {CSIM_ATOMIC_RMW, rmw->getOrdering()};
  }
  auto* cas = llvm::cast<llvm::AtomicCmpXchgInst>(&atomic);
  return {CSIM_ATOMIC_CAS, cas->getSuccessOrdering(), cas->getFailureOrdering()};
}

// The low 64 bits of any first-class value.
llvm::Value* LowBits(llvm::IRBuilder<>& builder, llvm::Value* value) {
  llvm::Type* type = value->getType();
  llvm::Type* wide = builder.getInt64Ty();
  if (type->isPointerTy()) return builder.CreatePtrToInt(value, wide);
  const unsigned bits = static_cast<unsigned>(type->getPrimitiveSizeInBits().getFixedValue());
  if (bits == 0) return builder.getInt64(0);
  if (!type->isIntegerTy()) value = builder.CreateBitCast(value, builder.getIntNTy(bits));
  return builder.CreateZExtOrTrunc(value, wide);
}

void MarkRange(llvm::BasicBlock::iterator from, llvm::BasicBlock::iterator to) {
  for (; from != to; ++from) MarkDone(*from);
}

// Marks everything put in between its construction and its end.
class MarkedBuilder {
 public:
  explicit MarkedBuilder(llvm::Instruction& before) : builder_(&before) {
    builder_.SetCurrentDebugLocation(before.getDebugLoc());
    llvm::Instruction* previous = before.getPrevNode();
    block_ = before.getParent();
    first_is_begin_ = previous == nullptr;
    if (previous != nullptr) previous_ = previous->getIterator();
    end_ = before.getIterator();
  }
  ~MarkedBuilder() {
    if (done_) return;
    Finish();
  }
  // Marks now; to be called before the block is split.
  void Finish() {
    MarkRange(first_is_begin_ ? block_->begin() : std::next(previous_), end_);
    done_ = true;
  }
  llvm::IRBuilder<>* operator->() { return &builder_; }
  llvm::IRBuilder<>& operator*() { return builder_; }

 private:
  llvm::IRBuilder<> builder_;
  llvm::BasicBlock* block_;
  llvm::BasicBlock::iterator previous_;
  llvm::BasicBlock::iterator end_;
  bool first_is_begin_;
  bool done_ = false;
};

}  // namespace

Hooks::Hooks(llvm::Module& module) : module_(module) {
  llvm::LLVMContext& context = module.getContext();
  void_ = llvm::Type::getVoidTy(context);
  pointer_ = llvm::PointerType::get(context, 0);
  int32_ = llvm::Type::getInt32Ty(context);
  int64_ = llvm::Type::getInt64Ty(context);
  state_type_ = llvm::StructType::get(
      context, {int64_, pointer_, pointer_, pointer_, pointer_, int64_, int64_});
  unlikely_ = llvm::MDBuilder(context).createUnlikelyBranchWeights();
}

void Hooks::EmitRound(const Rounds& rounds, uint32_t number) {
  llvm::PHINode* again = llvm::PHINode::Create(int32_, 2, "", rounds.head->begin());
  for (llvm::BasicBlock* from : llvm::predecessors(rounds.head)) {
    const bool back = llvm::is_contained(rounds.latches, from);
    again->addIncoming(llvm::ConstantInt::get(int32_, back ? 1 : 0), from);
  }
  MarkedBuilder builder(*rounds.head->getFirstInsertionPt());
  llvm::Value* state = builder->getInt64(number);
  for (llvm::PHINode* phi : rounds.state) {
    state = builder->CreateXor(builder->CreateMul(state, builder->getInt64(0x9e3779b97f4a7c15u)),
                               LowBits(*builder, phi));
    state = builder->CreateXor(state, builder->CreateLShr(state, 32));
  }
  builder->CreateCall(Declare("csim_round", void_, {pointer_, int32_, int64_, int32_}),
                      {rounds.head->getParent(), builder->getInt32(number), state, again});
}

bool Hooks::IsHook(const llvm::Function& function) {
  llvm::StringRef name = function.getName();
  if (!function.isDeclaration() || !name.consume_front("csim_")) return false;
  return name == "enter" || name == "fence" || name == "round" || name.starts_with("read") ||
         name.starts_with("write") || name.starts_with("vptr_") || name.starts_with("atomic_");
}

llvm::FunctionCallee Hooks::Declare(const std::string& name, llvm::Type* result,
                                    llvm::ArrayRef<llvm::Type*> parameters) {
  auto* type = llvm::FunctionType::get(result, parameters, false);
  llvm::FunctionCallee callee = module_.getOrInsertFunction(name, type);
  if (auto* function = llvm::dyn_cast<llvm::Function>(callee.getCallee())) {
    function->addFnAttr(llvm::Attribute::NoUnwind);
  }
  return callee;
}

llvm::Value* Hooks::FieldAddress(llvm::IRBuilder<>& builder, unsigned field) {
  // Looked up anew each time: the optimiser removes it when nothing refers to it.
  llvm::Constant* state = module_.getOrInsertGlobal("csim_state_v1", state_type_);
  return builder.CreateStructGEP(state_type_, state, field);
}

void Hooks::StoreCallSite(llvm::Instruction& call, llvm::Value* site) {
  MarkedBuilder builder(call);
  builder->CreateStore(site, FieldAddress(*builder, kCallSite));
}

llvm::Value* Hooks::LoadCallSite(llvm::Instruction& at) {
  MarkedBuilder builder(at);
  return builder->CreateLoad(pointer_, FieldAddress(*builder, kCallSite));
}

Hooks::Context Hooks::Enter(llvm::Instruction& at, llvm::Constant* site) {
  MarkedBuilder builder(at);
  if (const llvm::DISubprogram* subprogram = at.getFunction()->getSubprogram()) {
    builder->SetCurrentDebugLocation(llvm::DILocation::get(
        at.getContext(), subprogram->getLine(), 0, const_cast<llvm::DISubprogram*>(subprogram)));
  }
  llvm::Value* outer = builder->CreateLoad(pointer_, FieldAddress(*builder, kContext));
  llvm::Value* mine = builder->CreateCall(Declare("csim_enter", pointer_, {pointer_}), {site});
  return {outer, mine};
}

void Hooks::StoreContext(llvm::Instruction& at, llvm::Value* context) {
  MarkedBuilder builder(at);
  builder->CreateStore(context, FieldAddress(*builder, kContext));
}

void Hooks::Emit(const Access& access, llvm::Constant* site, bool inlined) {
  switch (access.kind) {
    case AccessKind::kPlain: return EmitPlain(access, site, inlined);
    case AccessKind::kVtable: return EmitVtable(access, site);
    case AccessKind::kRange: return EmitRange(access, site);
    case AccessKind::kAtomic: return EmitAtomic(access, site);
    case AccessKind::kFence: {
      MarkedBuilder builder(*access.instruction);
      const int order = OrderNumber(llvm::cast<llvm::FenceInst>(access.instruction)->getOrdering());
      builder->CreateCall(Declare("csim_fence", void_, {int32_, pointer_}),
                          {builder->getInt32(order), site});
      return;
    }
  }
}

// The test of csim_abi.h: true unless the shadow says that this task has accessed these bytes already.
llvm::Value* Hooks::NeedsSlowPath(llvm::IRBuilder<>& builder, llvm::Value* pointer, uint32_t size,
                                  bool writes) {
  // The two addresses never change, so that the optimiser may take them out of loops.
  auto constant = [&](unsigned field) {
    llvm::LoadInst* load = builder.CreateLoad(pointer_, FieldAddress(builder, field));
    load->setMetadata(llvm::LLVMContext::MD_invariant_load,
                      llvm::MDNode::get(module_.getContext(), {}));
    return load;
  };
  llvm::Value* address = builder.CreatePtrToInt(pointer, int64_);
  llvm::Value* index = constant(kShadowIndex);
  llvm::Value* chunk =
      builder.CreateLoad(int32_, builder.CreateGEP(int32_, index, builder.CreateLShr(address, 16)));
  llvm::Value* base = constant(kShadowBase);
  llvm::Value* granule = builder.CreateLShr(builder.CreateAnd(address, 0xffff), 3);
  llvm::Value* offset = builder.CreateAdd(
      builder.CreateMul(builder.CreateZExt(chunk, int64_), builder.getInt64(CSIM_SHADOW_CHUNK)),
      builder.CreateMul(granule, builder.getInt64(sizeof(csim_cell))));
  llvm::Value* cell = builder.CreateGEP(builder.getInt8Ty(), base, offset);

  llvm::Value* epoch = builder.CreateLoad(int64_, FieldAddress(builder, kEpoch));
  llvm::Value* bytes =
      builder.CreateShl(builder.getInt64((uint64_t{1} << size) - 1), builder.CreateAnd(address, 7));
  llvm::Value* want = builder.CreateOr(epoch, bytes);
  llvm::Value* relevant = builder.CreateOr(bytes, builder.getInt64(~uint64_t{0xff}));
  // True if the field is of another epoch or lacks some of the bytes.
  auto lacks = [&](llvm::Value* field) {
    return builder.CreateIsNotNull(builder.CreateAnd(builder.CreateXor(field, want), relevant));
  };
  llvm::Value* new_write = lacks(builder.CreateLoad(int64_, cell));
  if (writes) return new_write;
  llvm::Value* read = builder.CreateLoad(
      int64_, builder.CreateConstGEP1_64(builder.getInt8Ty(), cell, offsetof(csim_cell, read)));
  return builder.CreateAnd(new_write, lacks(read));
}

llvm::FunctionCallee Hooks::PlainHook(uint32_t size, bool writes) {
  return Declare((writes ? "csim_write" : "csim_read") + std::to_string(size), void_,
                 {pointer_, pointer_});
}

// void check(const void* p, const struct csim_site* site): the fast path and the hook.
llvm::Function* Hooks::CheckFunction(uint32_t size, bool writes) {
  const std::string name =
      std::string("csim.check.") + (writes ? "write" : "read") + std::to_string(size);
  if (llvm::Function* function = module_.getFunction(name)) return function;
  auto* type = llvm::FunctionType::get(void_, {pointer_, pointer_}, false);
  auto* function = llvm::Function::Create(type, llvm::GlobalValue::InternalLinkage, name, module_);
  function->addFnAttr(llvm::Attribute::NoUnwind);
  function->addFnAttr(llvm::Attribute::NoInline);
  function->addFnAttr(llvm::Attribute::DisableSanitizerInstrumentation);
  function->setCallingConv(llvm::CallingConv::PreserveMost);
  auto* entry = llvm::BasicBlock::Create(module_.getContext(), "", function);
  llvm::Instruction* end = llvm::ReturnInst::Create(module_.getContext(), entry);
  llvm::IRBuilder<> builder(end);
  llvm::Value* slow = NeedsSlowPath(builder, function->getArg(0), size, writes);
  builder.SetInsertPoint(llvm::SplitBlockAndInsertIfThen(slow, end, false, unlikely_));
  builder.CreateCall(PlainHook(size, writes), {function->getArg(0), function->getArg(1)});
  return function;
}

void Hooks::EmitPlain(const Access& access, llvm::Constant* site, bool inlined) {
  const uint32_t size = access.size;
  const bool has_own_hook = size == 1 || size == 2 || size == 4 || size == 8;
  if (!has_own_hook || !access.aligned) return EmitRange(access, site);
  MarkedBuilder builder(*access.instruction);
  if (!inlined) {
    llvm::Function* check = CheckFunction(size, access.writes);
    builder->CreateCall(check, {access.address, site})->setCallingConv(check->getCallingConv());
    return;
  }
  llvm::Value* slow = NeedsSlowPath(*builder, access.address, size, access.writes);
  builder.Finish();
  llvm::Instruction* then =
      llvm::SplitBlockAndInsertIfThen(slow, access.instruction, false, unlikely_);
  then->setDebugLoc(access.instruction->getDebugLoc());
  MarkedBuilder in_slow(*then);
  in_slow->CreateCall(PlainHook(size, access.writes), {access.address, site});
}

void Hooks::EmitVtable(const Access& access, llvm::Constant* site) {
  MarkedBuilder builder(*access.instruction);
  if (access.writes) {
    builder->CreateCall(Declare("csim_vptr_write", void_, {pointer_, pointer_, pointer_}),
                        {access.address, access.stored, site});
  } else {
    builder->CreateCall(Declare("csim_vptr_read", void_, {pointer_, pointer_}),
                        {access.address, site});
  }
}

void Hooks::EmitRange(const Access& access, llvm::Constant* site) {
  MarkedBuilder builder(*access.instruction);
  llvm::Value* length = access.length != nullptr ? builder->CreateZExtOrTrunc(access.length, int64_)
                                                 : builder->getInt64(access.size);
  const char* name = access.writes ? "csim_write_range" : "csim_read_range";
  builder->CreateCall(Declare(name, void_, {pointer_, int64_, pointer_}),
                      {access.address, length, site});
}

void Hooks::EmitAtomic(const Access& access, llvm::Constant* site) {
  llvm::Instruction& atomic = *access.instruction;
  {
    MarkedBuilder builder(atomic);
    llvm::Value* size = builder->getInt64(access.size);
    llvm::Value* what;
    llvm::Value* order;
    llvm::Value* failure_order;
    if (auto* call = llvm::dyn_cast<llvm::CallBase>(&atomic)) {
      const AtomicLibraryCall library = *AsAtomicLibraryCall(*call);
      if (library.size != nullptr) size = builder->CreateZExtOrTrunc(library.size, int64_);
      what = builder->getInt32(library.what);
      order = builder->CreateZExtOrTrunc(library.order, int32_);
      failure_order = library.failure_order == nullptr
                          ? builder->getInt32(0)
                          : builder->CreateZExtOrTrunc(library.failure_order, int32_);
    } else {
      AtomicShape shape = ShapeOf(atomic);
      if (IsSharedPointerLock(atomic)) {
        shape.order = shape.failure_order = llvm::AtomicOrdering::SequentiallyConsistent;
      }
      what = builder->getInt32(shape.what);
      order = builder->getInt32(OrderNumber(shape.order));
      failure_order = builder->getInt32(OrderNumber(shape.failure_order));
    }
    if (auto* cas = llvm::dyn_cast<llvm::AtomicCmpXchgInst>(&atomic); cas && access.size <= 8) {
      builder->CreateStore(LowBits(*builder, cas->getCompareOperand()),
                           FieldAddress(*builder, kExpected));
      builder->CreateStore(builder->getInt64(1), FieldAddress(*builder, kExpects));
    }
    builder->CreateCall(
        Declare("csim_atomic_before", void_, {pointer_, int64_, int32_, int32_, int32_, pointer_}),
        {access.address, size, what, order, failure_order, site});
  }
  EmitAtomicAfter(atomic);
}

void Hooks::EmitAtomicAfter(llvm::Instruction& atomic) {
  llvm::Instruction* next = atomic.getNextNode();
  if (next == nullptr) {  // an invoke of libatomic: it does not throw, but be exact
    auto* invoke = llvm::cast<llvm::InvokeInst>(&atomic);
    next = &*llvm::SplitEdge(invoke->getParent(), invoke->getNormalDest())->begin();
  }
  MarkedBuilder builder(*next);
  builder->SetCurrentDebugLocation(atomic.getDebugLoc());
  llvm::Value* value = builder->getInt64(0);
  llvm::Value* success = builder->getInt32(1);
  llvm::Type* type = atomic.getType();
  if (llvm::isa<llvm::AtomicCmpXchgInst>(atomic)) {
    value = LowBits(*builder, builder->CreateExtractValue(&atomic, 0));
    success = builder->CreateZExt(builder->CreateExtractValue(&atomic, 1), int32_);
  } else if (type->isIntegerTy(1)) {
    success = builder->CreateZExt(&atomic, int32_);
  } else if (!type->isVoidTy() && type->isSingleValueType()) {
    value = LowBits(*builder, &atomic);
  }
  builder->CreateCall(Declare("csim_atomic_after", void_, {int64_, int32_}), {value, success});
}

}  // namespace csim::instrument
