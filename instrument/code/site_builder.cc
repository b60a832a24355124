// See site_builder.h.
#include "instrument/code/site_builder.h"

#include <algorithm>
#include <vector>

#include "llvm/Transforms/Utils/ModuleUtils.h"

namespace csim::instrument {
namespace {

constexpr uint32_t kSiteSize = 32;
constexpr int kLineField = 4;
constexpr int kCallerFileField = 5;
constexpr int kColumnsField = 7;

bool IsStringField(int field) { return field < kLineField || field == kCallerFileField; }

llvm::StructType* SiteType(llvm::LLVMContext& context) {
  llvm::Type* word = llvm::Type::getInt32Ty(context);
  llvm::Type* half = llvm::Type::getInt16Ty(context);
  return llvm::StructType::get(context, {word, word, word, word, word, word, word, half, half});
}

}  // namespace

SiteBuilder::SiteBuilder(llvm::Module& module)
    : module_(module), type_(SiteType(module.getContext())) {}

llvm::GlobalVariable* SiteBuilder::Placeholder() {
  if (placeholder_ == nullptr) {
    auto* placeholder = new llvm::GlobalVariable(module_, llvm::ArrayType::get(type_, 0), true,
                                                 llvm::GlobalValue::ExternalLinkage, nullptr,
                                                 "csim.sites.placeholder");
    placeholder->setDSOLocal(true);
    placeholder_ = placeholder;
  }
  return llvm::cast<llvm::GlobalVariable>(placeholder_);
}

uint32_t SiteBuilder::Intern(const std::string& text) {
  if (text.empty()) return 0;
  auto [it, is_new] = interned_.try_emplace(text, static_cast<uint32_t>(strings_.size()));
  if (is_new) strings_.append(text).push_back('\0');
  return it->second;
}

llvm::Constant* SiteBuilder::Get(const Site& site) {
  const uint32_t columns =
      std::min(site.column, 0xffffu) << 16 | std::min(site.caller_column, 0xffffu);
  const Record record = {
      Intern(site.file), Intern(site.function),    Intern(site.text), Intern(site.variable),
      site.line,         Intern(site.caller_file), site.caller_line,  columns};
  const uint32_t index = records_.try_emplace(record, records_.size()).first->second;
  llvm::Type* byte = llvm::Type::getInt8Ty(module_.getContext());
  llvm::Type* wide = llvm::Type::getInt64Ty(module_.getContext());
  return llvm::ConstantExpr::getGetElementPtr(
      byte, Placeholder(), llvm::ConstantInt::get(wide, uint64_t{index} * kSiteSize));
}

llvm::Constant* SiteBuilder::RecordOf(const Record& record, uint32_t index,
                                      llvm::GlobalVariable* array, llvm::GlobalVariable* strings) {
  llvm::LLVMContext& context = module_.getContext();
  llvm::Type* byte = llvm::Type::getInt8Ty(context);
  llvm::Type* half = llvm::Type::getInt16Ty(context);
  llvm::Type* word = llvm::Type::getInt32Ty(context);
  llvm::Type* wide = llvm::Type::getInt64Ty(context);
  auto address = [&](llvm::GlobalVariable* base, uint64_t offset) {
    llvm::Constant* distance = llvm::ConstantInt::get(wide, offset);
    return llvm::ConstantExpr::getPtrToInt(
        llvm::ConstantExpr::getInBoundsGetElementPtr(byte, base, distance), wide);
  };
  std::vector<llvm::Constant*> fields;
  for (int field = 0; field < kColumnsField; ++field) {
    if (!IsStringField(field) || record[field] == 0) {
      fields.push_back(llvm::ConstantInt::get(word, record[field]));
      continue;
    }
    llvm::Constant* here = address(array, uint64_t{index} * kSiteSize + field * 4u);
    llvm::Constant* distance = llvm::ConstantExpr::getSub(address(strings, record[field]), here);
    fields.push_back(llvm::ConstantExpr::getTrunc(distance, word));
  }
  fields.push_back(llvm::ConstantInt::get(half, record[kColumnsField] >> 16));
  fields.push_back(llvm::ConstantInt::get(half, record[kColumnsField] & 0xffff));
  return llvm::ConstantStruct::get(type_, fields);
}

void SiteBuilder::Finish() {
  if (!records_.empty()) {
    auto* array_type = llvm::ArrayType::get(type_, records_.size());
    auto* array = new llvm::GlobalVariable(
        module_, array_type, true, llvm::GlobalValue::PrivateLinkage, nullptr, "csim.sites");
    array->setSection("csim_sites");
    array->setAlignment(llvm::Align(kSiteSize));
    auto* text = llvm::ConstantDataArray::getString(module_.getContext(), strings_, false);
    auto* strings = new llvm::GlobalVariable(
        module_, text->getType(), true, llvm::GlobalValue::PrivateLinkage, text, "csim.strings");
    std::vector<llvm::Constant*> records(records_.size());
    for (const auto& [record, index] : records_) {
      records[index] = RecordOf(record, index, array, strings);
    }
    array->setInitializer(llvm::ConstantArray::get(array_type, records));
    llvm::appendToUsed(module_, {array});
    llvm::GlobalVariable* placeholder = Placeholder();  // the handle follows replacements
    placeholder->replaceAllUsesWith(array);
    placeholder->eraseFromParent();
  }
}

}  // namespace csim::instrument
