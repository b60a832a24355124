// The source stage of one file: notes its sites and plans what is rewritten.
//
// It is shown the top-level declarations as they are parsed and keeps those of user files; it never
// walks the whole translation unit, which would read in all of a precompiled header.
#ifndef CSIM_INSTRUMENT_SOURCE_SOURCE_STAGE_H_
#define CSIM_INSTRUMENT_SOURCE_SOURCE_STAGE_H_

#include <memory>
#include <string>
#include <vector>

#include "clang/AST/DeclGroup.h"
#include "clang/Frontend/CompilerInstance.h"
#include "instrument/source/edits.h"
#include "instrument/source/macro_watcher.h"
#include "instrument/source/site_collector.h"
#include "instrument/source/source_table.h"

namespace csim::instrument {

class SourceStage {
 public:
  // `edits` (may be null) have been applied already; `rewrite` asks for a plan of edits.
  SourceStage(clang::CompilerInstance& compiler, const EditSet* edits, bool rewrite,
              SourceTable& table);

  void See(clang::DeclGroupRef group);
  // Fills the table and plans the edits. REQUIRES: the file has been parsed without errors.
  void Finish();

  EditSet TakeEdits() { return std::move(planned_); }
  std::vector<std::string> TakeNotes() { return std::move(notes_); }
  bool redefines_library_macros() const { return macros_.redefines_library_macros; }

 private:
  bool IsUserCode(const clang::Decl& declaration) const;

  clang::CompilerInstance& compiler_;
  const EditSet* applied_;
  bool rewrite_;
  SourceTable& table_;
  MacroFindings macros_;
  std::vector<clang::Decl*> declarations_;
  EditSet planned_;
  std::vector<std::string> notes_;
};

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_SOURCE_SOURCE_STAGE_H_
