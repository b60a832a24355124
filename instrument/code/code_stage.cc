// See code_stage.h.
#include "instrument/code/code_stage.h"

#include <memory>

#include "instrument/code/module_instrumenter.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Transforms/Scalar/SROA.h"

namespace csim::instrument {
namespace {

// The two passes of one module share its instrumenter.
struct Shared {
  CodeStage stage;
  std::unique_ptr<ModuleInstrumenter> instrumenter;
};

struct UserPass : llvm::PassInfoMixin<UserPass> {
  explicit UserPass(std::shared_ptr<Shared> s) : shared(std::move(s)) {}
  static bool isRequired() { return true; }
  llvm::PreservedAnalyses run(llvm::Module& module, llvm::ModuleAnalysisManager&) {
    shared->instrumenter = std::make_unique<ModuleInstrumenter>(module, shared->stage);
    shared->instrumenter->InstrumentUserCode();
    return llvm::PreservedAnalyses::none();
  }
  std::shared_ptr<Shared> shared;
};

struct SystemPass : llvm::PassInfoMixin<SystemPass> {
  explicit SystemPass(std::shared_ptr<Shared> s) : shared(std::move(s)) {}
  static bool isRequired() { return true; }
  llvm::PreservedAnalyses run(llvm::Module& module, llvm::ModuleAnalysisManager&) {
    shared->instrumenter->InstrumentSystemCode();
    shared->instrumenter->Finish();
    shared->instrumenter.reset();
    return llvm::PreservedAnalyses::none();
  }
  std::shared_ptr<Shared> shared;
};

}  // namespace

void AddCodeStage(llvm::PassBuilder& builder, const CodeStage& stage) {
  auto shared = std::make_shared<Shared>();
  shared->stage = stage;
  builder.registerPipelineStartEPCallback([shared](llvm::ModulePassManager& passes,
                                                   llvm::OptimizationLevel level) {
    if (level != llvm::OptimizationLevel::O0) {
      passes.addPass(
          llvm::createModuleToFunctionPassAdaptor(llvm::SROAPass(llvm::SROAOptions::PreserveCFG)));
    }
    passes.addPass(UserPass(shared));
  });
  builder.registerOptimizerLastEPCallback(
      [shared](llvm::ModulePassManager& passes, llvm::OptimizationLevel) {
        passes.addPass(SystemPass(shared));
      });
}

}  // namespace csim::instrument
