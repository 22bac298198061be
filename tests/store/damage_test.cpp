// A file that is not what the store wrote: a coded error or the samples as they were, never a crash
// or another sample.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/expect_error.h"
#include "base/random.h"
#include "base/temporary_folder.h"
#include "builders.h"
#include "store/database.h"

namespace ponte::store {
namespace {

using namespace std::chrono_literals;
using test::expect_error;
using test::TemporaryFolder;

// A small store with something in every table, as one file.
std::string sound_store(const TemporaryFolder& folder) {
  const auto path = folder / "sound";
  {
    Store store = Store::open(path);
    RunWriter writer = store.begin_run(describe_run());
    const TrialId trial = writer.add_trial(make_trial(0));
    for (int round = 0; round < 3; ++round) {
      const PairId pair = writer.begin_pair(0, round);
      const ProcessId process = writer.add_process(pair, trial, round);
      writer.set_facts(process, {.load_ns = 1, .warnings = {"w"}});
      for (int i = 0; i < 4; ++i) writer.append_block(process, make_block(round, i, 300));
      if (round < 2) writer.complete_pair(pair);
    }
    writer.put_document(DocumentKind::Bench, "{}");
    writer.interrupt();
  }
  EXPECT_FALSE(std::filesystem::exists(path.native() + "-wal")) << "closing leaves one file";
  return test::text_of(path);
}

void expect_own_samples(const RunRecord& record) {
  for (const ProcessPair& pair : record.pairs) {
    for (const Process& process : pair.processes) {
      for (const Block& block : process.blocks) {
        bool own = false;
        for (int round = 0; round < 3; ++round) {
          for (int i = 0; i < 4; ++i)
            own = own || block.samples_ns == make_block(round, i, 300).samples_ns;
        }
        EXPECT_TRUE(own);
      }
    }
  }
}

// Opens, reads, writes and checks; the code of the first error, none where all went well. What is
// not a coded error ends the test.
std::optional<Code> use(const TemporaryFolder& folder, std::string_view bytes) {
  const auto path = folder.write("damaged", bytes);
  for (const char* end : {"-wal", "-shm", "-journal"}) std::filesystem::remove(path.native() + end);
  try {
    Store store = Store::open(path);
    for (const auto& run : store.list_runs()) expect_own_samples(store.load_run(run.id));
    if (!store.check_integrity().empty()) return Code::StoreCorrupt;
    auto writer = store.resume_run("plan-1");
    if (!writer) return std::nullopt;
    const TrialId trial = writer->add_trial(make_trial(7));
    writer->append_block(writer->add_process(writer->begin_pair(9, 9), trial, 1),
                         make_block(1, 0, 300));
    writer->finish();
    for (const auto& run : store.list_runs()) store.delete_run(run.id);
    return std::nullopt;
  } catch (const Error& error) {
    EXPECT_NE(error.code(), Code::InternalError) << error.what();
    return error.code();
  }
}

TEST(DamagedStore, TheSoundOneIsSound) {
  const TemporaryFolder folder;
  EXPECT_EQ(use(folder, sound_store(folder)), std::nullopt);
}

TEST(DamagedStore, RandomBytesAreNoStore) {
  const TemporaryFolder folder;
  Random random(1);
  for (const std::size_t size : {1u, 15u, 16u, 99u, 100u, 511u, 512u, 4096u, 100'000u}) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.below(256));
    const auto code = use(folder, bytes);
    EXPECT_EQ(code, Code::NotAStore) << size;
    EXPECT_TRUE(test::text_of(folder / "damaged") == bytes) << "changed, at size " << size;
  }
}

TEST(DamagedStore, RandomBytesBehindASoundHeaderAreDamage) {
  const TemporaryFolder folder;
  std::string bytes = sound_store(folder);
  Random random(2);
  for (std::size_t i = 100; i < bytes.size(); ++i) bytes[i] = static_cast<char>(random.below(256));
  EXPECT_EQ(use(folder, bytes), Code::StoreCorrupt);
}

TEST(DamagedStore, AFileCutShortIsDamage) {
  const TemporaryFolder folder;
  const std::string sound = sound_store(folder);
  Random random(3);
  std::set<std::size_t> sizes{
      1, 16, 99, 100, 101, 511, 512, 4095, 4096, 4097, sound.size() - 4096, sound.size() - 1};
  for (int i = 0; i < 40; ++i) sizes.insert(1 + random.below(sound.size() - 1));
  for (const std::size_t size : sizes) {
    const auto code = use(folder, std::string_view(sound).substr(0, size));
    const bool only_zeros = sound.find_first_not_of('\0', size) == std::string::npos;
    EXPECT_TRUE(code == Code::StoreCorrupt || code == Code::NotAStore || only_zeros) << size;
  }
}

TEST(DamagedStore, EveryFlippedBitOfTheHeaderIsACodedErrorOrHarmless) {
  const TemporaryFolder folder;
  const std::string sound = sound_store(folder);
  std::set<Code> codes;
  for (std::size_t bit = 0; bit < 100 * 8; ++bit) {
    std::string bytes = sound;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    if (const auto code = use(folder, bytes)) codes.insert(*code);
  }
  EXPECT_TRUE(codes.contains(Code::NotAStore));
  EXPECT_TRUE(codes.contains(Code::StoreTooNew));
  EXPECT_TRUE(codes.contains(Code::StoreCorrupt));
}

TEST(DamagedStore, FlippedBitsAnywhereAreACodedErrorOrHarmless) {
  const TemporaryFolder folder;
  const std::string sound = sound_store(folder);
  Random random(4);
  int found = 0;
  for (int i = 0; i < 200; ++i) {
    std::string bytes = sound;
    for (std::uint64_t flips = 1 + random.below(4); flips > 0; --flips) {
      const std::size_t bit = random.below(bytes.size() * 8);
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    }
    if (use(folder, bytes)) ++found;
  }
  EXPECT_GT(found, 50);
}

TEST(DamagedStore, AMissingTableIsDamage) {
  const TemporaryFolder folder;
  Store::open(folder / "s");
  Database(folder / "s", 1s).script("DROP TABLE blocks; DROP TABLE warnings");
  Store store = Store::open(folder / "s");
  RunWriter writer = store.begin_run(describe_run());
  const ProcessId process =
      writer.add_process(writer.begin_pair(0, 0), writer.add_trial(make_trial(0)), 1);
  expect_error(Code::StoreCorrupt, [&] { writer.append_block(process, make_block(1, 0)); });
}

TEST(DamagedStore, ContentsThatMakeNoSenseAreDamageAndFoundByTheCheck) {
  const char* statements[] = {
      "UPDATE runs SET status = 'lost'",         "UPDATE trials SET status = ''",
      "UPDATE blocks SET phase = 'MEASURE'",     "UPDATE blocks SET samples_ns = x'00112233'",
      "UPDATE blocks SET started_ns = -1",       "UPDATE processes SET pid = 5000000000",
      "UPDATE documents SET kind = 'unheard of'"};
  for (const char* statement : statements) {
    const TemporaryFolder folder;
    sound_store(folder);
    Database(folder / "sound", 1s).script(statement);
    Store store = Store::open(folder / "sound");
    expect_error(Code::StoreCorrupt, [&] { store.load_run(RunId{1}); });
    EXPECT_EQ(store.check_integrity().size(), 1u) << statement;
  }
}

TEST(DamagedStore, RowsWithoutTheirParentsAreFoundByTheCheck) {
  const TemporaryFolder folder;
  sound_store(folder);
  Database(folder / "sound", 1s).script("PRAGMA foreign_keys = OFF; DELETE FROM processes");
  const auto problems = Store::open(folder / "sound").check_integrity();
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_NE(problems[0].find("12 rows of `blocks`"), std::string::npos) << problems[0];
  EXPECT_NE(problems[1].find("3 rows of `warnings`"), std::string::npos) << problems[1];
}

TEST(DamagedStore, TriggersAndViewsInTheFileDoNotRun) {
  const TemporaryFolder folder;
  sound_store(folder);
  Database(folder / "sound", 1s)
      .script(
          "CREATE TRIGGER evil AFTER INSERT ON runs BEGIN UPDATE runs SET plan_key = 'changed'; "
          "END");
  Store store = Store::open(folder / "sound");
  const RunWriter writer = store.begin_run(describe_run("mine"));
  EXPECT_EQ(store.load_run(writer.id()).run.plan_key, "mine");
}

}  // namespace
}  // namespace ponte::store
