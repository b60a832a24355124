// Where an instruction comes from: user code or a system header, and which site that makes.
//
// The rule is by debug location: the innermost inlined function decides whose code an instruction
// is, however far the optimiser has moved it. One object per module.
#ifndef CSIM_INSTRUMENT_CODE_ORIGINS_H_
#define CSIM_INSTRUMENT_CODE_ORIGINS_H_

#include <string>
#include <unordered_map>

#include "instrument/code/site_builder.h"
#include "instrument/source/source_table.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/Instruction.h"

namespace csim::instrument {

enum class Owner : uint8_t {
  kUser,    // the program's own files
  kSystem,  // headers of the standard library and others from system directories
  kHelper,  // our own injected header: neither instrumented nor shown
};

// What is asked of the source table for an instruction.
struct PlaceQuery {
  EntryKind kind = EntryKind::kAccess;
  bool writes = false;
  bool derived = false;  // the address was itself loaded at the same place, as in `a[i]`
  uint32_t size = 0;
  llvm::StringRef callee = {};  // demangled name of the called function, if known
};

class Origins {
 public:
  explicit Origins(const SourceTable& source) : source_(source) {}

  Owner OwnerOf(const llvm::DISubprogram* function);
  // Functions without debug information belong to the system.
  Owner OwnerOf(const llvm::Function& function);
  // Innermost function of the location; the enclosing function's if there is none.
  Owner OwnerOf(const llvm::Instruction& instruction);
  // True if the location says line 0 or nothing: the optimiser merged or made the instruction.
  static bool IsMerged(const llvm::Instruction& instruction);

  // The site of an access: where the instruction is and, if that is in a system header, which place
  // in user code it was inlined into.
  Site SiteOf(const llvm::Instruction& instruction, const PlaceQuery& query);
  // The site of a call as its user sees it: the first place in user code.
  Site CallSiteOf(const llvm::Instruction& call, const PlaceQuery& query);
  Site SiteOf(const llvm::Function& function);

  // Plain accesses of this function are left out at the user's wish.
  bool IsQuiet(const llvm::Function& function);

  // "bank::Account::withdraw", "main::lambda at line 12".
  const std::string& NameOf(const llvm::DISubprogram* function);

 private:
  struct File {
    std::string shown;
    Owner owner = Owner::kSystem;
    const SourceFile* source = nullptr;
  };

  const File& FileOf(const llvm::DIFile* file);
  const SourceEntry* Lookup(const File& file, uint32_t line, uint32_t column,
                            const PlaceQuery& query) const;
  const llvm::DILocation* FirstUserLocation(const llvm::DILocation* location);
  void Place(Site& site, const llvm::DILocation* location, const PlaceQuery& query);

  const SourceTable& source_;
  std::unordered_map<const llvm::DIFile*, File> files_;
  std::unordered_map<const llvm::DISubprogram*, std::string> names_;
};

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_CODE_ORIGINS_H_
