internal import Diagnostics
package import JSONC
package import NFTablesBackend

/// libnftables in a short-lived child process of our own executable (`seawall __nft`).
package struct NFTProcessRunner: NFTReader {
    private let executable: String
    private let namespace: NetworkNamespace?
    private let timeout: Duration

    /// A runner for a network namespace; for that of this process, if none is given.
    ///
    /// - Parameters:
    ///   - executable: the path of `seawall`.
    ///   - namespace: where it runs.
    ///   - timeout: how long one call may take. A hundred thousand intervals take seconds.
    package init(
        executable: String = OwnExecutable.path, namespace: NetworkNamespace? = nil, timeout: Duration = .seconds(300)
    ) {
        self.executable = executable
        self.namespace = namespace
        self.timeout = timeout
    }

    package func run(_ commands: JSONValue, check: Bool) async throws -> NFTResult {
        guard case .array(let list)? = commands["nftables"], !list.isEmpty else { throw DiagnosticError.nftNoCommands }
        let text = Self.text(list)
        switch try await reply(to: check ? .check(commands: text) : .run(commands: text)) {
        case .done(_, let duration): return .done(duration)
        case .failed(let failure): return .refused(try refusal(failure))
        }
    }

    package func list(_ table: NFTTableName, terse: Bool) async throws -> JSONValue? {
        switch try await reply(to: .list(table, terse: terse)) {
        case .done(let output, _):
            do {
                // Our child process lists in UTC.
                return NFTMoments.asNumbers(try JSONValue.parse(output))
            } catch {
                throw DiagnosticError.nftUnreadable("the listing of the table '\(table)'", "\(error)")
            }
        case .failed(let failure):
            if failure.kind == .noTable { return nil }
            throw DiagnosticError.nftNotListed(table, try refusal(failure))
        }
    }

    package func listText() async throws -> String? {
        switch try await reply(to: .listText(.seawall)) {
        case .done(let output, _): return String(decoding: output, as: UTF8.self)
        case .failed(let failure):
            if failure.kind == .noTable { return nil }
            throw DiagnosticError.nftNotListed(.seawall, try refusal(failure))
        }
    }

    package func listChains() async throws -> JSONValue {
        switch try await reply(to: .listChains) {
        case .done(let output, _):
            do {
                return try JSONValue.parse(output)
            } catch {
                throw DiagnosticError.nftUnreadable("the listing of the chains", "\(error)")
            }
        case .failed(let failure): throw DiagnosticError.nftUnreadable("the chains", try refusal(failure).text)
        }
    }

    /// Lists what text in nft's own language makes, in a network namespace that only the child process has.
    ///
    /// - Parameter text: the bytes of the text.
    /// - Returns: what nft lists of it as JSON, or why it does not take it.
    /// - Throws: `DiagnosticError` if the child cannot make a namespace, or if nothing can be run on this host.
    func translate(_ text: [UInt8]) async throws -> Result<[UInt8], NFTFailure> {
        switch try await reply(to: .translate(text: text)) {
        case .done(let output, _): return .success(output)
        case .failed(let failure):
            if failure.kind == .noNamespace || failure.kind == .noPrivilege {
                throw DiagnosticError.notPrivileged(
                    "reading nft's own language in a network namespace of its own", notes: failure.messages)
            }
            return .failure(try refusal(failure))
        }
    }

    /// The failure, if it is a refusal of the commands.
    private func refusal(_ failure: NFTFailure) throws -> NFTFailure {
        switch failure.kind {
        case .refused, .noTable: return failure
        case .noJSON: throw DiagnosticError.nftWithoutJSON(failure)
        case .noPrivilege: throw DiagnosticError.notPrivileged("changing or reading nftables", notes: failure.messages)
        case .noNamespace: throw DiagnosticError.namespace(namespace?.name ?? "", code: 0, reason: failure.text)
        case .noContext: throw DiagnosticError.nftUnreadable("libnftables", failure.text)
        case .badRequest: throw DiagnosticError.nftUnreadable("the request to '\(executable) __nft'", failure.text)
        }
    }

    /// The commands as one document, made command by command: none of them stands in memory twice as a tree.
    private static func text(_ commands: [JSONValue]) -> [UInt8] {
        var text = Array("{\"nftables\":[".utf8)
        for (index, command) in commands.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text.append(contentsOf: command.text().utf8)
        }
        text.append(contentsOf: "]}".utf8)
        return text
    }

    private func reply(to action: NFTRequest.Action) async throws -> NFTReply {
        let request = NFTRequest(action, in: namespace).parts
        let process = HostProcess(
            executable: executable, arguments: [NFTChild.command], input: request.header, moreInput: request.commands,
            timeout: timeout)
        let outcome = try await process.runOnHost(named: "seawall \(NFTChild.command)")
        switch outcome.termination {
        case .timedOut: throw DiagnosticError.nftTimedOut(after: timeout)
        case .signalled(let signal): throw DiagnosticError.nftDied(signal: signal, errors: outcome.errors)
        case .exited(let code):
            guard code == 0 else { throw DiagnosticError.nftExited(code: code, errors: outcome.errors) }
            do {
                return try NFTReply(bytes: outcome.output)
            } catch {
                throw DiagnosticError.nftUnreadable("the reply of '\(executable) __nft'", "\(error)")
            }
        }
    }
}
