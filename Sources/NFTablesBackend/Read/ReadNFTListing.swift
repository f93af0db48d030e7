package import Diagnostics
package import JSONC

/// Reads nft's JSON: `JSONValue -> NFTListing`, what nft lists as well as commands that make something.
///
/// The shapes of 1.0.6 to 1.1 are taken: flags as a word or a list, elements with and without a wrapper, operations of two
/// or several operands, rules without an expression. Handles and the figures of counters are no part of a rule. Objects
/// that mean something only where a rule names them are passed over, since a rule that names one is not understood.
package enum ReadNFTListing {
    /// The tables.
    ///
    /// - Parameters:
    ///   - json: the whole document: `{"nftables": [ … ]}`.
    ///   - file: its name, for messages.
    /// - Returns: the tables as they are behind the last command.
    /// - Throws: `DiagnosticError` of the kind `unreadable` with everything that is not nft's JSON, in one run.
    package static func run(_ json: JSONValue, file: String) throws(DiagnosticError) -> NFTListing {
        guard case .object(let members) = json, let first = members.first, first.key == "nftables",
            case .array(let commands) = first.value,
            members.count == 1 || members.count == 2 && members[1].key == NFTSources.key
        else {
            throw DiagnosticError(
                .unreadable, "bad-nft-json", at: SourceLocation(file: file),
                "expected the JSON of nft, an object with the one key 'nftables' (nft -j list ruleset)")
        }
        var state = NFTListingState()
        var found: [Diagnostic] = []
        for (index, command) in commands.enumerated() {
            do throws(JSONError) {
                try state.run(command, "$.nftables[\(index)]")
            } catch {
                found.append(Diagnostic("bad-nft-json", at: SourceLocation(file: file), "\(error)"))
            }
        }
        var listing = state.listing
        if members.count == 2 {
            do throws(JSONError) {
                listing.sources = try NFTSources(members[1].value, "$.\(NFTSources.key)")
            } catch {
                found.append(Diagnostic("bad-nft-json", at: SourceLocation(file: file), "\(error)"))
            }
        }
        guard found.isEmpty else { throw DiagnosticError(.unreadable, found) }
        return listing
    }
}
