// See module_instrumenter.h.
#include "instrument/code/module_instrumenter.h"

#include "instrument/code/names.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "sim/abi/csim_abi.h"

namespace csim::instrument {
namespace {

// Attributes of functions that keep the shadow call stack, and of coroutines, which get theirs
// late.
constexpr char kHasContext[] = "csim-context";
constexpr char kCoroutine[] = "csim-coroutine";

// Calls before which the call site matters.
bool IsRealCall(const llvm::CallBase& call) {
  if (call.isInlineAsm() || llvm::isa<llvm::IntrinsicInst>(call) || IsMarked(call)) return false;
  const llvm::Function* callee = call.getCalledFunction();
  if (callee == nullptr) return true;
  return !callee->isIntrinsic() && !Hooks::IsHook(*callee);
}

std::string CalleeName(const llvm::CallBase& call) {
  const llvm::Function* callee = call.getCalledFunction();
  return callee == nullptr ? std::string() : DisplayName(callee->getName(), 0);
}

bool ReturnsTwice(const llvm::Instruction& instruction) {
  auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
  return call != nullptr && call->hasFnAttr(llvm::Attribute::ReturnsTwice);
}

llvm::Instruction& AfterAllocas(llvm::Function& function) {
  llvm::BasicBlock& entry = function.getEntryBlock();
  llvm::Instruction* at = &*entry.getFirstInsertionPt();
  for (llvm::Instruction& instruction : entry) {
    if (llvm::isa<llvm::AllocaInst>(instruction)) at = instruction.getNextNode();
  }
  return *at;
}

// True for what a coroutine that goes on reads and writes in its own frame, which is its argument.
bool IsOwnFrame(const Access& access) {
  if (access.address == nullptr) return false;
  const llvm::Function& function = *access.instruction->getFunction();
  return function.hasFnAttribute(kCoroutine) && !function.isPresplitCoroutine() &&
         function.arg_size() == 1 &&
         llvm::getUnderlyingObject(access.address, 0) == function.getArg(0);
}

char MarkOf(const Access& access) {
  if (access.kind == AccessKind::kFence) return 'F';
  if (access.kind == AccessKind::kAtomic) return 'A';
  return access.writes ? 'w' : 'r';
}

}  // namespace

ModuleInstrumenter::ModuleInstrumenter(llvm::Module& module, const CodeStage& stage)
    : module_(module), stage_(stage), origins_(*stage.source), sites_(module), hooks_(module) {
  NameSubprograms();
}

// Line tables have no linkage names; put them in, for the names of functions that get inlined.
void ModuleInstrumenter::NameSubprograms() {
  for (llvm::Function& function : module_) {
    llvm::DISubprogram* subprogram = function.getSubprogram();
    if (subprogram == nullptr || !subprogram->getLinkageName().empty()) continue;
    subprogram->replaceLinkageName(llvm::MDString::get(module_.getContext(), function.getName()));
  }
}

bool ModuleInstrumenter::MayInstrument(const llvm::Function& function) const {
  return !function.isDeclaration() && !function.hasFnAttribute(llvm::Attribute::Naked) &&
         !function.hasFnAttribute(llvm::Attribute::DisableSanitizerInstrumentation) &&
         !Hooks::IsHook(function) && function.getName() != "__clang_call_terminate";
}

void ModuleInstrumenter::InstrumentUserCode() {
  for (llvm::Function& function : module_) {
    if (MayInstrument(function) && origins_.OwnerOf(function) == Owner::kUser) {
      InstrumentUserFunction(function);
    }
  }
}

void ModuleInstrumenter::InstrumentSystemCode() {
  for (llvm::Function& function : module_) {
    if (MayInstrument(function) && origins_.OwnerOf(function) != Owner::kHelper) {
      InstrumentSystemPart(function);
    }
  }
}

void ModuleInstrumenter::Finish() { sites_.Finish(); }

ModuleInstrumenter::Findings ModuleInstrumenter::Look(llvm::Function& function) {
  Findings findings;
  FrameAnalysis frame;
  for (llvm::Instruction& instruction : llvm::instructions(function)) {
    if (IsMarked(instruction)) continue;
    FindAccesses(instruction, frame, findings.accesses);
    auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction);
    if (call != nullptr && IsRealCall(*call)) findings.calls.push_back(call);
    if (llvm::isa<llvm::LandingPadInst>(instruction) || ReturnsTwice(instruction)) {
      findings.landing_pads.push_back(&instruction);
    }
  }
  return findings;
}

void ModuleInstrumenter::InstrumentUserFunction(llvm::Function& function) {
  Findings findings = Look(function);
  if (origins_.IsQuiet(function)) {
    std::erase_if(findings.accesses, [](const Access& access) {
      return access.kind != AccessKind::kAtomic && access.kind != AccessKind::kFence;
    });
  }
  const bool empty = findings.accesses.empty() && findings.calls.empty();
  EmitRounds(function);
  EmitAccesses(findings.accesses, true);
  EmitCallSites(findings.calls);
  // A coroutine's frame outlives its caller; its parts get contexts when it has been split. Until then
  // it must not be inlined, or the part that got inlined would have none.
  if (function.isPresplitCoroutine()) {
    function.addFnAttr(kCoroutine);
    if (!function.hasFnAttribute(llvm::Attribute::AlwaysInline)) {
      function.addFnAttr(llvm::Attribute::NoInline);
    }
  } else if (!empty && !IsPartOfCoroutine(function.getName())) {
    EmitContext(function, findings.landing_pads);
  }
  for (llvm::Instruction& instruction : llvm::instructions(function)) {
    if (instruction.mayReadOrWriteMemory()) MarkDone(instruction);
  }
}

// Code that the user part has dealt with keeps a location in user code even if it lost its mark;
// what the optimiser merged has none and is hooked again rather than not at all.
bool ModuleInstrumenter::IsLeftForSystemPart(const llvm::Instruction& instruction) {
  const Owner owner = origins_.OwnerOf(instruction);
  if (owner == Owner::kSystem) return true;
  return owner == Owner::kUser && instruction.getDebugLoc() && Origins::IsMerged(instruction);
}

void ModuleInstrumenter::InstrumentSystemPart(llvm::Function& function) {
  Findings findings = Look(function);
  // What the splitting of a coroutine put in works on its frame, which is memory as any other: two
  // threads that resume the same coroutine race there.
  const bool is_coroutine = function.hasFnAttribute(kCoroutine);
  std::erase_if(findings.accesses, [&](const Access& access) {
    if (is_coroutine && !origins_.IsQuiet(function)) return false;
    return !IsLeftForSystemPart(*access.instruction);
  });
  const bool has_context = function.hasFnAttribute(kHasContext);
  std::erase_if(findings.calls, [&](const llvm::CallBase* call) {
    return origins_.OwnerOf(*call) != Owner::kSystem;
  });
  const bool empty = findings.accesses.empty() && findings.calls.empty() && !is_coroutine;
  EmitAccesses(findings.accesses, origins_.OwnerOf(function) == Owner::kUser);
  if (has_context || !empty) EmitCallSites(findings.calls);
  if (!has_context && !empty && function.getSubprogram() != nullptr &&
      !IsPartOfCoroutine(function.getName())) {
    EmitContext(function, findings.landing_pads);
  }
}

void ModuleInstrumenter::EmitRounds(llvm::Function& function) {
  uint32_t number = 0;
  for (const Rounds& rounds : FindRounds(function)) hooks_.EmitRound(rounds, number++);
}

void ModuleInstrumenter::EmitAccesses(const std::vector<Access>& accesses, bool inlined) {
  for (const Access& access : accesses) {
    PlaceQuery query{.kind = EntryKind::kAccess, .writes = access.writes, .size = access.size};
    if (auto* load = llvm::dyn_cast_or_null<llvm::LoadInst>(
            access.address == nullptr ? nullptr : llvm::getUnderlyingObject(access.address, 0))) {
      query.derived = load->getDebugLoc() == access.instruction->getDebugLoc();
    }
    Site site = origins_.SiteOf(*access.instruction, query);
    if (site.variable.empty() && IsOwnFrame(access)) site.variable = "frame of " + site.function;
    hooks_.Emit(access, sites_.Get(site), inlined);
    AddPoint(site, MarkOf(access), *access.instruction);
  }
}

void ModuleInstrumenter::EmitCallSites(const std::vector<llvm::CallBase*>& calls) {
  for (llvm::CallBase* call : calls) {
    const std::string callee = CalleeName(*call);
    PlaceQuery query{.kind = EntryKind::kCall};
    query.callee = callee;
    const Site site = origins_.CallSiteOf(*call, query);
    hooks_.StoreCallSite(*call, sites_.Get(site));
    AddPoint(site, '(', *call);
  }
}

void ModuleInstrumenter::EmitContext(llvm::Function& function,
                                     const std::vector<llvm::Instruction*>& landing_pads) {
  Site site = origins_.SiteOf(function);
  const bool is_coroutine = function.hasFnAttribute(kCoroutine);
  if (is_coroutine) site.text = CSIM_COROUTINE;
  llvm::Instruction& begin = AfterAllocas(function);
  llvm::Value* outer_call = is_coroutine ? hooks_.LoadCallSite(begin) : nullptr;
  const Hooks::Context context = hooks_.Enter(begin, sites_.Get(site));
  for (llvm::Instruction* pad : landing_pads) {
    hooks_.StoreContext(*pad->getNextNode(), context.mine);
  }
  for (llvm::BasicBlock& block : function) {
    llvm::Instruction* leave = llvm::dyn_cast<llvm::ReturnInst>(block.getTerminator());
    if (leave == nullptr) continue;
    if (llvm::CallInst* tail = block.getTerminatingMustTailCall()) {
      leave = tail;
      // A coroutine that hands over to another one is gone: who resumed it now resumes that one.
      if (is_coroutine) hooks_.StoreCallSite(*leave, outer_call);
    }
    hooks_.StoreContext(*leave, context.outer);
  }
  function.addFnAttr(kHasContext);
}

void ModuleInstrumenter::AddPoint(const Site& site, char mark, const llvm::Instruction& at) {
  if (stage_.points == nullptr) return;
  Point point;
  const bool inlined = !site.caller_file.empty();
  point.file = inlined ? site.caller_file : site.file;
  point.line = inlined ? site.caller_line : site.line;
  point.column = inlined ? site.caller_column : site.column;
  point.mark = mark;
  point.within = at.getFunction()->getName().str();
  auto* call = mark == '(' ? llvm::dyn_cast<llvm::CallBase>(&at) : nullptr;
  if (call != nullptr && call->getCalledFunction() != nullptr) {
    point.callee = call->getCalledFunction()->getName().str();
  }
  stage_.points->push_back(std::move(point));
}

}  // namespace csim::instrument
