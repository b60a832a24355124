#include "sim/host/search_store.h"

#include <sqlite3.h>

#include <filesystem>
#include <utility>

namespace csim {

namespace {

namespace fs = std::filesystem;

struct Finalizer {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalizer>;

Statement Prepare(sqlite3* database, const char* text) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database, text, -1, &statement, nullptr);
  return Statement(statement);
}

void Bind(const Statement& statement, int index, const std::string& text) {
  sqlite3_bind_blob(statement.get(), index, text.data(), static_cast<int>(text.size()),
                    SQLITE_TRANSIENT);
}

}  // namespace

void SearchStore::Closer::operator()(sqlite3* database) const { sqlite3_close(database); }

SearchStore::SearchStore(std::string path, std::map<std::string, std::string> pieces)
    : path_(std::move(path)), first_(std::move(pieces)) {}

SearchStore::~SearchStore() = default;

std::string SearchStore::ErrorText() const {
  return path_ + ": " + (database_ ? sqlite3_errmsg(database_.get()) : "cannot be opened");
}

bool SearchStore::Execute(const char* statement, std::string* error) const {
  if (sqlite3_exec(database_.get(), statement, nullptr, nullptr, nullptr) == SQLITE_OK) return true;
  *error = ErrorText();
  return false;
}

// In place of whatever is there: that was another search.
bool SearchStore::Create(std::string* error) {
  std::error_code ignored;
  const fs::path directory = fs::path(path_).parent_path();
  if (!directory.empty() && fs::create_directories(directory, ignored)) made_directory_ = true;
  fs::remove(path_, ignored);
  fs::remove(path_ + "-journal", ignored);
  sqlite3* database = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int result = sqlite3_open_v2(path_.c_str(), &database, flags, nullptr);
  database_.reset(database);
  if (result != SQLITE_OK) {
    *error = ErrorText();
    return false;
  }
  return Execute("PRAGMA synchronous = NORMAL", error) &&
         Execute("CREATE TABLE pieces (name BLOB PRIMARY KEY, bytes BLOB NOT NULL)", error);
}

Result<std::unique_ptr<SearchStore>> SearchStore::Open(const std::string& path) {
  auto store = std::make_unique<SearchStore>(path, std::map<std::string, std::string>{});
  sqlite3* database = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr);
  store->database_.reset(database);
  if (result != SQLITE_OK) return Error{store->ErrorText()};
  const Statement check = Prepare(database, "PRAGMA integrity_check(1)");
  if (check == nullptr || sqlite3_step(check.get()) != SQLITE_ROW) return Error{store->ErrorText()};
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(check.get(), 0));
  if (text == nullptr || std::string(text) != "ok") return Error{path + ": the file is damaged"};
  return store;
}

std::optional<std::string> SearchStore::Read(const std::string& name) const {
  if (database_ == nullptr) return std::nullopt;
  const Statement query = Prepare(database_.get(), "SELECT bytes FROM pieces WHERE name = ?");
  if (query == nullptr) return std::nullopt;
  Bind(query, 1, name);
  if (sqlite3_step(query.get()) != SQLITE_ROW) return std::nullopt;
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(query.get(), 0));
  const int size = sqlite3_column_bytes(query.get(), 0);
  return std::string(bytes == nullptr ? "" : bytes, static_cast<size_t>(size));
}

bool SearchStore::Put(const std::string& name, const std::string& bytes, std::string* error) const {
  const Statement insert = Prepare(database_.get(), "REPLACE INTO pieces VALUES (?, ?)");
  if (insert != nullptr) {
    Bind(insert, 1, name);
    Bind(insert, 2, bytes);
    if (sqlite3_step(insert.get()) == SQLITE_DONE) return true;
  }
  *error = ErrorText();
  return false;
}

bool SearchStore::Write(const std::map<std::string, std::string>& pieces, const std::string& forget,
                        std::string* error) {
  if (database_ == nullptr && !Create(error)) return false;
  if (!Execute("BEGIN IMMEDIATE", error)) return false;
  bool ok = true;
  if (!forget.empty()) {
    const Statement query =
        Prepare(database_.get(), "DELETE FROM pieces WHERE substr(name, 1, length(?1)) = ?1");
    if (query != nullptr) Bind(query, 1, forget);
    ok = query != nullptr && sqlite3_step(query.get()) == SQLITE_DONE;
    if (!ok) *error = ErrorText();
  }
  for (const auto& [name, bytes] : first_) ok = ok && Put(name, bytes, error);
  for (const auto& [name, bytes] : pieces) ok = ok && Put(name, bytes, error);
  if (ok && Execute("COMMIT", error)) {
    first_.clear();
    return true;
  }
  std::string unused;
  Execute("ROLLBACK", &unused);
  return false;
}

void SearchStore::Remove() {
  database_.reset();
  std::error_code ignored;
  fs::remove(path_, ignored);
  fs::remove(path_ + "-journal", ignored);
  const fs::path directory = fs::path(path_).parent_path();
  if (made_directory_) fs::remove(directory, ignored);  // if nothing else is there
}

}  // namespace csim
