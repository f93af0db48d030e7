internal import Deployment
internal import Importing
internal import JSONC

extension ImportText {
    /// The text as it is read: nft's own language is listed as JSON first, by libnftables in a namespace that a child makes
    /// for it; all else stays as it is.
    func listed() async throws -> ImportText {
        guard format == .nft else { return self }
        let json = try await NFTText.list(String(decoding: bytes, as: UTF8.self), file: name)
        return ImportText(name: name, bytes: Array(json.text().utf8), format: .nftJSON, family: family)
    }
}
