// Where a search is kept, so that it can go on after csim has ended: named pieces of bytes in a SQLite
// file, written all or not at all.
#ifndef CSIM_SIM_HOST_SEARCH_STORE_H_
#define CSIM_SIM_HOST_SEARCH_STORE_H_

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "sim/host/result.h"

struct sqlite3;

namespace csim {

class SearchStore {
 public:
  // The file need not be there: it is made by the first Write. `pieces` go with whatever is written
  // first (what is searched, and how).
  SearchStore(std::string path, std::map<std::string, std::string> pieces);
  ~SearchStore();
  SearchStore(const SearchStore&) = delete;
  SearchStore& operator=(const SearchStore&) = delete;

  // Opens a file that is there, for reading and then for writing. The error says what is wrong with it.
  static Result<std::unique_ptr<SearchStore>> Open(const std::string& path);

  // Nothing: there is no such piece, or it cannot be read.
  std::optional<std::string> Read(const std::string& name) const;
  // In one transaction: forgets the pieces whose names begin with `forget` (if that is not empty), then
  // writes these. False: nothing has changed, and `error` says why.
  bool Write(const std::map<std::string, std::string>& pieces, const std::string& forget,
             std::string* error);
  // The search is over: the file goes, and its folder if that was made for it and has nothing else in it.
  void Remove();

  const std::string& path() const { return path_; }

 private:
  struct Closer {
    void operator()(sqlite3* database) const;
  };
  bool Create(std::string* error);
  bool Execute(const char* statement, std::string* error) const;
  bool Put(const std::string& name, const std::string& bytes, std::string* error) const;
  std::string ErrorText() const;

  std::string path_;
  std::map<std::string, std::string> first_;
  bool made_directory_ = false;
  std::unique_ptr<sqlite3, Closer> database_;
};

}  // namespace csim

#endif  // CSIM_SIM_HOST_SEARCH_STORE_H_
