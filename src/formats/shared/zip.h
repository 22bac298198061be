// Zip archives, for every format that comes in one: nothing is unpacked to disk, and both lists of
// entries must agree. APPNOTE.TXT 6.3.10.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace ponte::shared {

struct ZipEntry {
  std::string name;
  std::uint16_t method = 0;  // 0 stored, 8 deflated
  std::uint32_t crc = 0;
  std::uint64_t size = 0;  // unpacked
  ByteRange packed;
};

class ZipArchive {
 public:
  // Reads the central directory and holds every local header to it. Throws MalformedField,
  // TruncatedFile, CountTooLarge, and UnknownFormat for encryption and other methods.
  explicit ZipArchive(std::shared_ptr<const ByteSource> file);

  const std::vector<ZipEntry>& entries() const { return entries_; }

 private:
  std::vector<ZipEntry> entries_;
};

// The bytes of an entry, their checksum verified: a range of the file where they are stored as they
// are, a buffer otherwise. Throws MalformedField.
ByteRange unpack(const ZipEntry& entry);

}  // namespace ponte::shared
