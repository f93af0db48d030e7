internal import ArgumentParser
internal import Diagnostics
internal import Importing
internal import NFTablesBackend
internal import PacketModel
internal import PolicyLoading

/// How an input is read that is no policy.
struct ReadingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What the input holds, if that cannot be told from its content: \(InputFormat.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "format"))
    var inputFormat: InputFormat?

    @Option(
        help: ArgumentHelp(
            "Read one chain of an iptables-save text: DOCKER-USER where it exists, else the whole filter table, unless this says otherwise.",
            valueName: "chain"))
    var chain: String?

    @Flag(help: "Read the whole filter table of an iptables-save text even if it has a chain DOCKER-USER.")
    var wholeTable = false

    func validate() throws {
        if wholeTable && chain != nil { throw ValidationError("--whole-table and --chain exclude each other") }
    }

    /// The options of the importer.
    func options(family: AddressFamily?, acceptMark: AcceptMark?) -> ImportOptions {
        var options = ImportOptions()
        options.family = family
        options.chain = chain
        options.takesWholeTable = wholeTable
        options.acceptMark = acceptMark
        return options
    }
}

extension InputFormat: ExpressibleByArgument {}

/// The mark that Docker accepts.
struct AcceptMarkOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The mark that Docker is configured to accept (dockerd --bridge-accept-fwmark); what 'Accept' becomes under nft.",
            valueName: "value/mask"))
    var acceptMark: MarkArgument?
}
