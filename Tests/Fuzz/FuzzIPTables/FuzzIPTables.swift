import FuzzDriver
import Glibc
import Importing
import PacketModel

/// Any bytes as rules of iptables: they come in, or are refused by name; nothing ends the process.
///
/// The first byte says the family, and whether what can be read is wanted where something else is refused.
@main
struct FuzzIPTables {
    static func main() {
        exit(
            FuzzDriver.run { start, count in
                let bytes = Array(UnsafeBufferPointer(start: start, count: count))
                guard let first = bytes.first else { return 0 }
                let text = ImportText(
                    name: "rules", bytes: Array(bytes.dropFirst()), format: .iptables,
                    family: first & 1 == 0 ? .ip : .ip6)
                var options = ImportOptions()
                options.keepsUnsupported = first & 2 != 0
                _ = try? IPTablesImport.read(text, options)
                return 0
            })
    }
}
