internal import BenchReport
internal import Glibc
internal import IPTablesBackend
internal import PacketModel

/// Rules that somebody else wrote: how fast they are read, and how fast they become a policy.
struct ImportBench {
    let seawall: String
    let folder: String

    /// What is measured, in the order of the table.
    func rows() throws -> [Row] {
        let large = try file(rules: 100_000)
        let size = try Self.size(of: large)
        // This program itself, so that nothing but the reader is measured.
        let reading = try Measurement.median(of: 5) { try Measurement.run("/proc/self/exe", ["--read", large]) }
        var rows = [
            Row(
                "100,000 rules of iptables (\(size / 1_000_000) MB) read", reading,
                bar: Limit(seconds: 1, bytes: 10 * size))
        ]
        for (count, bar) in [(1_000, 5.0), (10_000, 60)] {
            let path = try file(rules: count)
            let run = try Measurement.run(
                seawall, ["import", path, "--name", "Bench\(count)", "-o", folder + "/imported-\(count)"],
                environment: ["SEAWALL_CACHE_DIR": folder + "/import-cache"])
            rows.append(
                Row("`seawall import`: \(count) rules to a policy, compiled and proved", run, bar: Limit(seconds: bar)))
        }
        return rows.map { $0.moved(to: .imports) }
    }

    /// Reads a file and ends: what the parent measures.
    static func read(_ path: String) throws {
        guard let stream = fopen(path, "r") else { throw BenchError("cannot read \(path)") }
        defer { fclose(stream) }
        var bytes = [UInt8](repeating: 0, count: try size(of: path))
        let count = fread(&bytes, 1, bytes.count, stream)
        guard count == bytes.count else { throw BenchError("cannot read \(path)") }
        let reading = IPTablesReader.read(bytes, file: path, family: .ip)
        guard reading.isComplete, !reading.files.isEmpty else { throw BenchError("the rules are not read") }
    }

    private static func size(of path: String) throws -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else { throw BenchError("cannot read \(path)") }
        return Int(status.st_size)
    }

    /// Rules of a policy's shape, with addresses and ports that differ.
    private func file(rules: Int) throws -> String {
        let path = folder + "/rules-\(rules).v4.save"
        guard let stream = fopen(path, "w") else { throw BenchError("cannot write \(path)") }
        defer { fclose(stream) }
        var text = "*filter\n:DOCKER-USER - [0:0]\n"
        var state: UInt32 = 1
        func next(_ limit: UInt32) -> UInt32 {
            state = state &* 1_664_525 &+ 1_013_904_223
            return (state >> 8) % limit
        }
        for _ in 0..<rules {
            let address = "\(next(223) + 1).\(next(256)).\(next(256)).\(next(256))"
            let port = [22, 80, 443, 5432, 8080, next(65_535) + 1][Int(next(6))]
            let verdict = next(2) == 0 ? "RETURN" : "DROP"
            text +=
                "-A DOCKER-USER -s \(address)/32 -i eth0 -p tcp -m conntrack --ctorigdstport \(port) --ctdir ORIGINAL -j \(verdict)\n"
        }
        text += "-A DOCKER-USER -i eth0 -j DROP\nCOMMIT\n"
        let bytes = Array(text.utf8)
        guard fwrite(bytes, 1, bytes.count, stream) == bytes.count else { throw BenchError("cannot write \(path)") }
        return path
    }
}
