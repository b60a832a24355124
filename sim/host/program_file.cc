#include "sim/host/program_file.h"

#include <cxxabi.h>
#include <elf.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace csim {

namespace {

// The record of sim/abi/csim_abi.h (struct csim_site), as it lies in the file.
struct SiteRecord {
  int32_t file;
  int32_t function;
  int32_t text;
  int32_t variable;
  uint32_t line;
  int32_t caller_file;
  uint32_t caller_line;
  uint16_t column;
  uint16_t caller_column;
};
static_assert(sizeof(SiteRecord) == 32);

std::string Demangle(const char* name) {
  if (std::strncmp(name, "_Z", 2) != 0) return name;
  int status = 0;
  char* text = abi::__cxa_demangle(name, nullptr, nullptr, &status);
  std::string result = text != nullptr ? text : name;
  std::free(text);
  return result;
}

}  // namespace

template <typename T>
const T* ProgramFile::Read(uint64_t file_offset) const {
  if (file_offset > data_.size() || data_.size() - file_offset < sizeof(T)) return nullptr;
  return reinterpret_cast<const T*>(data_.data() + file_offset);
}

Result<ProgramFile> ProgramFile::Open(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return Error{"cannot read '" + path + "': " + std::strerror(errno)};
  std::ostringstream text;
  text << stream.rdbuf();
  ProgramFile file;
  file.data_ = text.str();
  std::string error;
  if (!file.Parse(&error)) return Error{"'" + path + "' " + error};
  return file;
}

bool ProgramFile::Parse(std::string* error) {
  const auto* header = Read<Elf64_Ehdr>(0);
  if (header == nullptr || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
      header->e_ident[EI_CLASS] != ELFCLASS64 ||
      (header->e_type != ET_DYN && header->e_type != ET_EXEC)) {
    *error = "is no executable program";
    return false;
  }
  for (int i = 0; i < header->e_phnum; ++i) {
    const auto* p =
        Read<Elf64_Phdr>(header->e_phoff + static_cast<uint64_t>(i) * sizeof(Elf64_Phdr));
    if (p != nullptr && p->p_type == PT_LOAD)
      segments_.push_back({p->p_vaddr, p->p_offset, p->p_filesz});
  }
  const uint64_t sections = header->e_shoff;
  const auto* names = Read<Elf64_Shdr>(sections + header->e_shstrndx * sizeof(Elf64_Shdr));
  for (int i = 0; i < header->e_shnum && names != nullptr; ++i) {
    const auto* s = Read<Elf64_Shdr>(sections + static_cast<uint64_t>(i) * sizeof(Elf64_Shdr));
    if (s == nullptr || names->sh_offset + s->sh_name >= data_.size()) continue;
    const char* name = data_.c_str() + names->sh_offset + s->sh_name;
    if (std::strcmp(name, "csim_sites") == 0) {
      site_address_ = s->sh_addr;
      site_size_ = s->sh_size;
    }
    if (s->sh_type != SHT_SYMTAB && s->sh_type != SHT_DYNSYM) continue;
    const auto* strings = Read<Elf64_Shdr>(sections + s->sh_link * sizeof(Elf64_Shdr));
    if (strings == nullptr) continue;
    if (s->sh_type == SHT_SYMTAB) {
      ReadSymbols(s->sh_offset, s->sh_size, strings->sh_offset);
    } else {
      ReadImports(s->sh_offset, s->sh_size, strings->sh_offset);
    }
  }
  return true;
}

void ProgramFile::ReadSymbols(uint64_t section_offset, uint64_t size, uint64_t strings_offset) {
  for (uint64_t at = 0; at + sizeof(Elf64_Sym) <= size; at += sizeof(Elf64_Sym)) {
    const auto* symbol = Read<Elf64_Sym>(section_offset + at);
    if (symbol == nullptr) break;
    const int type = ELF64_ST_TYPE(symbol->st_info);
    if ((type != STT_OBJECT && type != STT_FUNC) || symbol->st_size == 0) continue;
    if (strings_offset + symbol->st_name >= data_.size()) continue;
    symbols_.push_back({Demangle(data_.c_str() + strings_offset + symbol->st_name),
                        symbol->st_value, symbol->st_size});
  }
  std::sort(symbols_.begin(), symbols_.end(),
            [](const Symbol& a, const Symbol& b) { return a.offset < b.offset; });
}

void ProgramFile::ReadImports(uint64_t section_offset, uint64_t size, uint64_t strings_offset) {
  for (uint64_t at = 0; at + sizeof(Elf64_Sym) <= size; at += sizeof(Elf64_Sym)) {
    const auto* symbol = Read<Elf64_Sym>(section_offset + at);
    if (symbol == nullptr) break;
    if (symbol->st_shndx != SHN_UNDEF || strings_offset + symbol->st_name >= data_.size()) continue;
    imports_.insert(Demangle(data_.c_str() + strings_offset + symbol->st_name));
  }
}

const ProgramFile::Symbol* ProgramFile::SymbolAt(uint64_t offset) const {
  auto it = std::upper_bound(symbols_.begin(), symbols_.end(), offset,
                             [](uint64_t o, const Symbol& s) { return o < s.offset; });
  if (it == symbols_.begin()) return nullptr;
  --it;
  return offset < it->offset + it->size ? &*it : nullptr;
}

const ProgramFile* ProgramFile::Executed(const std::string& path) const {
  auto [at, fresh] = executed_.try_emplace(path);
  if (fresh) {
    if (Result<ProgramFile> file = Open(path)) {
      at->second = std::make_shared<const ProgramFile>(std::move(*file));
    }
  }
  return at->second.get();
}

uint64_t ProgramFile::FileOffset(uint64_t offset) const {
  for (const Segment& s : segments_) {
    if (offset >= s.address && offset - s.address < s.size)
      return s.file_offset + offset - s.address;
  }
  return ~uint64_t{0};
}

std::string ProgramFile::StringAt(uint64_t field_address, int32_t distance) const {
  if (distance == 0) return "";
  const uint64_t at =
      FileOffset(field_address + static_cast<uint64_t>(static_cast<int64_t>(distance)));
  if (at >= data_.size()) return "";
  const size_t end = data_.find('\0', at);
  return data_.substr(at, end == std::string::npos ? 0 : end - at);
}

Place ProgramFile::PlaceOf(uint32_t site) const {
  Place place;
  const uint64_t address = uint64_t{site} << 5;
  if (site == 0 || address < site_address_ || address - site_address_ >= site_size_) return place;
  const auto* record = Read<SiteRecord>(FileOffset(address));
  if (record == nullptr) return place;
  place.file = StringAt(address + offsetof(SiteRecord, file), record->file);
  place.function = StringAt(address + offsetof(SiteRecord, function), record->function);
  place.text = StringAt(address + offsetof(SiteRecord, text), record->text);
  place.variable = StringAt(address + offsetof(SiteRecord, variable), record->variable);
  place.caller_file = StringAt(address + offsetof(SiteRecord, caller_file), record->caller_file);
  place.line = record->line;
  place.column = record->column;
  place.caller_line = record->caller_line;
  return place;
}

}  // namespace csim
