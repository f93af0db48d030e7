internal import FoundationEssentials

/// A text that is compared with a file below `Tests/Goldens`.
///
/// With `SEAWALL_TEST_RECORD=1` the files are written anew, and the comparison still fails: a recording never passes.
package enum Golden {
    /// What is wrong: the lines that differ, or that a golden was recorded; `nil` if all is as it was.
    package static func mismatch(_ text: String, _ name: String, file: String = #filePath) -> String? {
        let path = folder(of: file) + "/" + name
        if TestEnvironment.isRecording {
            let parent = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
            do {
                try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
                try text.write(toFile: path, atomically: true, encoding: .utf8)
            } catch {
                return "\(name) could not be recorded: \(error)"
            }
            return "\(name) was recorded: read it, and run the tests again without SEAWALL_TEST_RECORD"
        }
        guard let golden = try? String(contentsOfFile: path, encoding: .utf8) else {
            return "\(name) does not exist: record it with SEAWALL_TEST_RECORD=1"
        }
        return golden == text
            ? nil
            : "\(name) differs; if that is right, record it with SEAWALL_TEST_RECORD=1\n" + difference(golden, text)
    }

    private static func folder(of file: String) -> String {
        let parts = file.split(separator: "/", omittingEmptySubsequences: false)
        guard let tests = parts.lastIndex(of: "Tests") else { return "Goldens" }
        return parts[...tests].joined(separator: "/") + "/Goldens"
    }
}

/// The lines that differ, `-` for the first text and `+` for the second, with two lines around them.
package func difference(_ first: String, _ second: String) -> String {
    let old = first.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let new = second.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let change = new.difference(from: old)
    var lines: [(sign: Character, text: String)] = []
    let removed = Set(change.removals.compactMap { if case .remove(let offset, _, _) = $0 { offset } else { nil } })
    let inserted = Set(change.insertions.compactMap { if case .insert(let offset, _, _) = $0 { offset } else { nil } })
    var i = 0
    var j = 0
    while i < old.count || j < new.count {
        if i < old.count && removed.contains(i) {
            lines.append(("-", old[i]))
            i += 1
        } else if j < new.count && inserted.contains(j) {
            lines.append(("+", new[j]))
            j += 1
        } else {
            lines.append((" ", old[i]))
            i += 1
            j += 1
        }
    }
    let shown = lines.indices.filter { index in
        (max(0, index - 2)...min(lines.count - 1, index + 2)).contains { lines[$0].sign != " " }
    }
    var result = "--- golden\n+++ now\n"
    var last = -1
    for index in shown {
        if index != last + 1 { result += "@@ line \(index + 1) @@\n" }
        result += "\(lines[index].sign)\(lines[index].text)\n"
        last = index
    }
    return result
}
