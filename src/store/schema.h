// The tables of the store, and how an older store becomes a current one.
#pragma once

#include <chrono>
#include <span>
#include <string_view>

#include "store/database.h"

namespace ponte::store {

// One step. Steps are only ever added at the end: a step that was released never changes.
struct Migration {
  int version;  // of the store after this step
  std::string_view what;
  std::string_view sql;
};

// All steps, the first version is 1.
std::span<const Migration> migrations();

// Makes the tables of a new store and migrates an old one, each in one transaction. Throws
// NotAStore for a database of another program and StoreTooNew for a store of a later version of
// this one; neither is changed.
void prepare_schema(Database& database, std::span<const Migration> steps,
                    std::chrono::milliseconds timeout);

}  // namespace ponte::store
