internal import Diagnostics
internal import JSONC

/// What the docker command answers, as JSON.
struct DockerAnswers: Hashable, Sendable {
    /// `docker info`; nothing, if no daemon answers.
    var info: JSONValue?
    /// `docker network inspect` of all networks.
    var networks: [JSONValue] = []
    /// `docker inspect` of the containers that run.
    var containers: [JSONValue] = []
    /// Why no daemon answers.
    var failure: String?
    /// What else could not be read.
    var notes: [String] = []
}

extension DockerAnswers {
    /// Why there is no answer where the command is missing.
    static let noCommand = "there is no command 'docker'"

    /// Asks the docker command, which finds its daemon by itself (`DOCKER_HOST`).
    ///
    /// It speaks to the daemon's socket, which is in no network namespace.
    static func read(_ sources: FactSources) async throws -> DockerAnswers {
        guard sources.tools.path(of: "docker") != nil else {
            return DockerAnswers(failure: noCommand)
        }
        let asked = try await sources.fact { try await info(sources) }
        guard case .known(let info) = asked else {
            if case .unknown(let reason) = asked { return DockerAnswers(failure: reason) }
            return DockerAnswers()
        }
        var answers = DockerAnswers(info: info)
        async let networks = objects(["network", "ls", "-q", "--no-trunc"], ["network", "inspect"], sources)
        async let containers = objects(["ps", "-q", "--no-trunc"], ["inspect", "--type", "container"], sources)
        answers.take(try await networks, of: "the networks", into: \.networks)
        answers.take(try await containers, of: "the containers", into: \.containers)
        return answers
    }

    private mutating func take(
        _ objects: Fact<[JSONValue]>, of subject: String, into list: WritableKeyPath<DockerAnswers, [JSONValue]>
    ) {
        switch objects {
        case .known(let objects): self[keyPath: list] = objects
        case .unknown(let reason): notes.append("\(subject) cannot be read: \(reason)")
        }
    }

    private static func info(_ sources: FactSources) async throws -> JSONValue {
        let call = HostToolCall("docker", ["info", "--format", "{{json .}}"])
        let result = try await sources.tools.run(call)
        // A command without its daemon prints what it knows of itself, and some versions exit with 0.
        let info = try? JSONValue.parse(result.output)
        guard let info, info["ServerVersion"]?.string?.isEmpty == false else {
            let said = info?["ServerErrors"]?.array?.compactMap(\.string).first
            let first = result.errors.split(separator: "\n").first.map(String.init)
            throw DiagnosticError.dockerUnreachable(said ?? first ?? "the daemon does not answer")
        }
        return info
    }

    /// The objects that a listing names, each with all that Docker tells of it.
    private static func objects(
        _ list: [String], _ inspect: [String], _ sources: FactSources
    ) async throws -> Fact<[JSONValue]> {
        try await sources.fact {
            let listing = try await sources.tools.run(HostToolCall("docker", list))
            guard listing.code == 0 else { throw DiagnosticError.toolFailed("docker", listing) }
            let names = String(decoding: listing.output, as: UTF8.self).split(whereSeparator: \.isNewline)
            if names.isEmpty { return [] }
            let result = try await sources.tools.run(HostToolCall("docker", inspect + names.map(String.init)))
            // What went away in between makes the exit code 1; the others are printed all the same.
            guard let objects = (try? JSONValue.parse(result.output))?.array else {
                throw DiagnosticError.toolFailed("docker", result)
            }
            return objects
        }
    }
}
