import FuzzDriver
import Glibc
import Importing

/// Any bytes as JSON of nft: it comes in, or is refused by name; nothing ends the process.
@main
struct FuzzNFTables {
    static func main() {
        exit(
            FuzzDriver.run { start, count in
                let bytes = Array(UnsafeBufferPointer(start: start, count: count))
                let text = ImportText(name: "rules", bytes: bytes, format: .nftJSON)
                _ = try? NFTImport.read(text, ImportOptions())
                return 0
            })
    }
}
