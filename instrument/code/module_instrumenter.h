// Instruments one module, in two parts: user code first, system code after the optimiser.
#ifndef CSIM_INSTRUMENT_CODE_MODULE_INSTRUMENTER_H_
#define CSIM_INSTRUMENT_CODE_MODULE_INSTRUMENTER_H_

#include <vector>

#include "instrument/code/accesses.h"
#include "instrument/code/code_stage.h"
#include "instrument/code/hooks.h"
#include "instrument/code/origins.h"
#include "instrument/code/site_builder.h"

namespace csim::instrument {

class ModuleInstrumenter {
 public:
  ModuleInstrumenter(llvm::Module& module, const CodeStage& stage);

  void InstrumentUserCode();
  void InstrumentSystemCode();
  // Writes the site table. REQUIRES: last.
  void Finish();

 private:
  // What was found in a function before anything was put in.
  struct Findings {
    std::vector<Access> accesses;
    std::vector<llvm::CallBase*> calls;
    std::vector<llvm::Instruction*> landing_pads;  // and calls that return twice
  };

  void NameSubprograms();
  bool MayInstrument(const llvm::Function& function) const;
  Findings Look(llvm::Function& function);
  bool BelongsToUserPart(const llvm::Instruction& instruction);
  bool IsLeftForSystemPart(const llvm::Instruction& instruction);
  void InstrumentUserFunction(llvm::Function& function);
  void InstrumentSystemPart(llvm::Function& function);
  void EmitRounds(llvm::Function& function);
  void EmitAccesses(const std::vector<Access>& accesses, bool inlined);
  void EmitCallSites(const std::vector<llvm::CallBase*>& calls);
  void EmitContext(llvm::Function& function, const std::vector<llvm::Instruction*>& landing_pads);
  void AddPoint(const Site& site, char mark, const llvm::Instruction& at);

  llvm::Module& module_;
  CodeStage stage_;
  Origins origins_;
  SiteBuilder sites_;
  Hooks hooks_;
};

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_CODE_MODULE_INSTRUMENTER_H_
