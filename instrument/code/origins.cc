// See origins.h.
#include "instrument/code/origins.h"

#include "instrument/code/names.h"
#include "instrument/source/helper_header.h"
#include "llvm/IR/DebugLoc.h"
#include "llvm/IR/Function.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace csim::instrument {
namespace {

std::string AbsolutePath(const llvm::DIFile* file) {
  llvm::SmallString<256> path(file->getFilename());
  if (!llvm::sys::path::is_absolute(path)) {
    path = file->getDirectory();
    llvm::sys::path::append(path, file->getFilename());
  }
  llvm::sys::path::remove_dots(path);
  return path.str().str();
}

bool IsBelow(llvm::StringRef path, llvm::StringRef directory) {
  return path.starts_with(directory) && path.size() > directory.size() &&
         path[directory.size()] == '/';
}

std::string RealPath(const std::string& path) {
  llvm::SmallString<256> real;
  return llvm::sys::fs::real_path(path, real) ? path : real.str().str();
}

bool CalleeMatches(const SourceEntry& entry, llvm::StringRef callee) {
  if (entry.callee.empty()) return true;
  return callee.ends_with(entry.callee);
}

// How well `entry` answers `query`; negative: not at all.
int Score(const SourceEntry& entry, const PlaceQuery& query) {
  if (entry.kind == EntryKind::kScopeEnd) {
    return CalleeMatches(entry, query.callee) ? 8 : -1;
  }
  int score = entry.kind == query.kind ? 4 : 0;
  if (query.kind == EntryKind::kAccess) {
    if (query.size != 0 && entry.size == query.size) score += 2;
    if (entry.writes == query.writes || entry.writes) score += 1;
  }
  return score;
}

}  // namespace

const Origins::File& Origins::FileOf(const llvm::DIFile* file) {
  auto [it, is_new] = files_.try_emplace(file);
  File& result = it->second;
  if (!is_new || file == nullptr) return result;
  const std::string path = AbsolutePath(file);
  if (file->getFilename().ends_with(kHelperHeaderName)) {
    result.owner = Owner::kHelper;
  } else if (const SourceFile* source = source_.Find(path)) {
    result = {source->shown, Owner::kUser, source};
  } else {
    bool system = source_.system_files.count(path) != 0;
    for (const std::string& directory : source_.system_directories) {
      system = system || IsBelow(path, directory);
    }
    result = {RealPath(path), system ? Owner::kSystem : Owner::kUser, nullptr};
  }
  return result;
}

Owner Origins::OwnerOf(const llvm::DISubprogram* function) {
  return function == nullptr ? Owner::kSystem : FileOf(function->getFile()).owner;
}

Owner Origins::OwnerOf(const llvm::Function& function) { return OwnerOf(function.getSubprogram()); }

Owner Origins::OwnerOf(const llvm::Instruction& instruction) {
  if (const llvm::DILocation* location = instruction.getDebugLoc().get()) {
    return OwnerOf(location->getScope()->getSubprogram());
  }
  return OwnerOf(*instruction.getFunction());
}

bool Origins::IsMerged(const llvm::Instruction& instruction) {
  const llvm::DebugLoc& location = instruction.getDebugLoc();
  return !location || location.getLine() == 0;
}

const std::string& Origins::NameOf(const llvm::DISubprogram* function) {
  auto [it, is_new] = names_.try_emplace(function);
  if (is_new && function != nullptr) {
    llvm::StringRef mangled = function->getLinkageName();
    it->second =
        mangled.empty() ? function->getName().str() : DisplayName(mangled, function->getLine());
  }
  return it->second;
}

const SourceEntry* Origins::Lookup(const File& file, uint32_t line, uint32_t column,
                                   const PlaceQuery& query) const {
  if (file.source == nullptr) return nullptr;
  auto it = file.source->entries.find(PlaceKey(line, column));
  if (it == file.source->entries.end()) return nullptr;
  const SourceEntry* best = nullptr;
  int best_score = -1;
  for (const SourceEntry& entry : it->second) {  // outermost first
    const int score = Score(entry, query);
    const bool inner_wins = !query.derived && query.kind == EntryKind::kAccess;
    if (score > best_score || (score == best_score && score >= 0 && inner_wins)) {
      best = &entry;
      best_score = score;
    }
  }
  return best;
}

const llvm::DILocation* Origins::FirstUserLocation(const llvm::DILocation* location) {
  while (location != nullptr && OwnerOf(location->getScope()->getSubprogram()) != Owner::kUser) {
    location = location->getInlinedAt();
  }
  return location;
}

void Origins::Place(Site& site, const llvm::DILocation* location, const PlaceQuery& query) {
  const llvm::DISubprogram* function = location->getScope()->getSubprogram();
  const File& file = FileOf(location->getFile());
  site.file = file.shown;
  site.function = NameOf(function);
  site.line = location->getLine();
  site.column = location->getColumn();
  if (const SourceEntry* entry = Lookup(file, site.line, site.column, query)) {
    site.column = entry->column;
    site.text = entry->text;
    site.variable = entry->variable;
  }
}

Site Origins::SiteOf(const llvm::Instruction& instruction, const PlaceQuery& query) {
  const llvm::DILocation* location = instruction.getDebugLoc().get();
  if (location == nullptr) return SiteOf(*instruction.getFunction());
  Site site;
  Place(site, location, query);
  if (OwnerOf(location->getScope()->getSubprogram()) == Owner::kUser) return site;

  const llvm::DILocation* user = FirstUserLocation(location);
  if (user == nullptr) return site;
  const llvm::DILocation* callee = location;
  while (callee->getInlinedAt() != user) callee = callee->getInlinedAt();
  PlaceQuery call{.kind = EntryKind::kCall};
  call.callee = NameOf(callee->getScope()->getSubprogram());
  Site caller;
  Place(caller, user, call);
  site.caller_file = caller.file;
  site.caller_line = caller.line;
  site.caller_column = caller.column;
  site.text = caller.text;
  site.variable = caller.variable;
  return site;
}

Site Origins::CallSiteOf(const llvm::Instruction& call, const PlaceQuery& query) {
  const llvm::DILocation* location = call.getDebugLoc().get();
  const llvm::DILocation* user = FirstUserLocation(location);
  if (user == nullptr || user == location) return SiteOf(call, query);
  Site inner = SiteOf(call, query);
  Site site;
  PlaceQuery outer{.kind = EntryKind::kCall};
  Place(site, user, outer);
  site.column = inner.caller_column;
  site.text = inner.text;
  site.variable = inner.variable;
  return site;
}

Site Origins::SiteOf(const llvm::Function& function) {
  Site site;
  const llvm::DISubprogram* subprogram = function.getSubprogram();
  if (subprogram == nullptr) {
    site.function = DisplayName(function.getName(), 0);
    return site;
  }
  site.file = FileOf(subprogram->getFile()).shown;
  site.function = NameOf(subprogram);
  site.line = subprogram->getLine();
  return site;
}

bool Origins::IsQuiet(const llvm::Function& function) {
  const llvm::DISubprogram* subprogram = function.getSubprogram();
  if (subprogram == nullptr) return false;
  const File& file = FileOf(subprogram->getFile());
  return file.source != nullptr && file.source->quiet_functions.count(subprogram->getLine()) != 0;
}

}  // namespace csim::instrument
