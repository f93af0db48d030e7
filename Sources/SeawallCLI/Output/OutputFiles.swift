internal import Diagnostics
internal import Glibc
internal import PacketModel

/// Writing results into files, so that a file holds its old or its new content at any time, and never half of one.
enum OutputFiles {
    /// The paths of results: the name itself for one file, a folder, or a name in which `%f` stands for `v4` or `v6`, and
    /// for `ipset` in that of the sets which rules ask.
    ///
    /// - Throws: `DiagnosticError` if several files have one name.
    static func paths(of files: [CompiledFile], named name: String) throws -> [String] {
        if isFolder(name) || name.hasSuffix("/") {
            guard isFolder(name) || mkdir(name, 0o777) == 0 else { throw failure(name) }
            let folder = name.hasSuffix("/") ? name : name + "/"
            return files.map { folder + $0.name }
        }
        if files.count == 1 { return [name.replacing("%f", with: files[0].family?.suffix ?? "")] }
        guard name.contains("%f") else {
            if files.contains(where: { $0.family == nil }) {
                throw DiagnosticError(
                    .unreadable, "one-file-for-two",
                    "there are files of rules and one of the sets that they ask, and '\(name)' is one name: name a folder, or put %f where v4, v6 and ipset are to stand"
                )
            }
            throw DiagnosticError(
                .unreadable, "one-file-for-two",
                "there is one file for IPv4 and one for IPv6, and '\(name)' is one name: name a folder, put %f where v4 or v6 is to stand, or choose a family with --family"
            )
        }
        return files.map { name.replacing("%f", with: $0.family?.suffix ?? "ipset") }
    }

    /// Sees to it that no result takes the place of what it was made from.
    ///
    /// - Throws: `DiagnosticError` that names the path.
    static func check(_ paths: [String], keep input: String) throws {
        var source = stat()
        guard stat(input, &source) == 0, source.st_mode & S_IFMT == S_IFREG else { return }
        for path in paths {
            var target = stat()
            guard stat(path, &target) == 0, target.st_dev == source.st_dev, target.st_ino == source.st_ino else {
                continue
            }
            throw DiagnosticError(
                .unreadable, "output-is-input", "'\(path)' is the policy itself: name another file with -o")
        }
    }

    /// Writes texts to paths: all are written beside their places first, and then moved there.
    ///
    /// - Throws: `DiagnosticError` that names the file; those that were there before are as they were.
    static func write(_ texts: [(path: String, text: String)]) throws {
        var pending: [(temporary: String, path: String)] = []
        do {
            for (path, text) in texts {
                if isSpecial(path) {
                    try write(text, to: path, flags: O_WRONLY, naming: path)
                } else if isFolder(path) {
                    errno = EISDIR
                    throw failure(path)
                } else {
                    let target = followingLinks(path)
                    let temporary = target + ".seawall-\(getpid())"
                    pending.append((temporary, target))
                    try write(text, to: temporary, flags: O_WRONLY | O_CREAT | O_EXCL, naming: path, like: target)
                }
            }
            for file in pending where rename(file.temporary, file.path) != 0 { throw failure(file.path) }
        } catch {
            for file in pending { unlink(file.temporary) }
            throw error
        }
    }

    /// The file that a link leads to: it is replaced, and the link stays.
    private static func followingLinks(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    private static func write(
        _ text: String, to path: String, flags: Int32, naming name: String, like former: String? = nil
    ) throws {
        let descriptor = open(path, flags | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(name) }
        defer { close(descriptor) }
        // Who could not read the rules before cannot now.
        var status = stat()
        if let former, stat(former, &status) == 0 {
            guard fchmod(descriptor, status.st_mode & 0o7777) == 0 else { throw failure(name) }
        }
        var text = text
        try text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { throw failure(name) }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
        if fsync(descriptor) != 0 && errno != EINVAL { throw failure(name) }
    }

    private static func failure(_ path: String) -> DiagnosticError {
        DiagnosticError(
            .host, "cannot-write", "cannot write '\(path)': \(String(cString: strerror(errno)))",
            notes: ["what was there before is as it was"])
    }

    private static func isFolder(_ path: String) -> Bool { mode(of: path) & S_IFMT == S_IFDIR }

    private static func isSpecial(_ path: String) -> Bool {
        let kind = mode(of: path) & S_IFMT
        return kind != 0 && kind != S_IFREG && kind != S_IFDIR
    }

    private static func mode(of path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode : 0
    }
}
