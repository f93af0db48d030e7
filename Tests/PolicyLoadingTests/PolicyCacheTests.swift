import Diagnostics
import Glibc
import JSONC
import Seawall
import SystemPackage
import Testing

@testable import PolicyLoading

@Suite struct PolicyCacheTests {
    let fixture: Fixture

    init() throws { fixture = try Fixture() }

    private var documents: FilePath { fixture.cache.appending("documents") }

    @Test func theSameSourceIsEvaluatedOnce() async throws {
        try fixture.policy()
        let first = try await fixture.load()
        let second = try await fixture.load()
        #expect(!first.wasCached && second.wasCached)
        #expect(first.document == second.document)
    }

    @Test func aChangedSourceIsEvaluatedAgain() async throws {
        try fixture.policy("Allow(.tcp(443))")
        _ = try await fixture.load()
        try fixture.policy("Allow(.tcp(444))")
        #expect(try await !fixture.load().wasCached)
        try fixture.policy("Allow(.tcp(443))")
        #expect(try await fixture.load().wasCached)
    }

    @Test func aFileOfAnotherNameIsEvaluatedAgain() async throws {
        try fixture.policy()
        _ = try await fixture.load()
        try fixture.policy(name: "Other.swift")
        let other = try await fixture.load("Other.swift")
        #expect(!other.wasCached)
    }

    @Test func argumentsVariablesVersionAndCompilerAreIngredients() async throws {
        try fixture.policy()
        let path = fixture.path("Policy.swift")
        _ = try await fixture.load()
        var options = fixture.options
        options.arguments = ["a"]
        #expect(try await !fixture.load("Policy.swift", options).wasCached)
        options.arguments = []
        options.environment = ["SITE": "a"]
        #expect(try await !fixture.load("Policy.swift", options).wasCached)
        options.environment = ["SITE": "b"]
        #expect(try await !fixture.load("Policy.swift", options).wasCached)
        #expect(try await !fixture.loader(version: "9.9.9").load(path).wasCached)
        let swiftc = try Toolchain(environment: Fixture.environment).swiftc.string
        let other = try fixture.write("bin/swiftc", "#!/bin/sh\nexec \(swiftc) \"$@\"\n")
        chmod(other, 0o755)
        #expect(try await !fixture.loader(environment: ["SEAWALL_SWIFTC": other]).load(path).wasCached)
        #expect(try await fixture.load().wasCached)
    }

    @Test func limitsAreNoIngredients() async throws {
        try fixture.policy()
        _ = try await fixture.load()
        var options = fixture.options
        options.timeLimit = 33
        options.memoryLimit = 1 << 31
        #expect(try await fixture.load("Policy.swift", options).wasCached)
    }

    @Test func aWarmLoadStartsNoProcess() async throws {
        try fixture.policy()
        _ = try await fixture.load()
        var installation = try Fixture.installation()
        installation.executable = FilePath(try fixture.write("seawall", "no program"))
        let loader = PolicyLoader(
            options: fixture.options, installation: installation, version: seawallVersion,
            environment: Fixture.environment)
        #expect(try await loader.load(fixture.path("Policy.swift")).wasCached)
    }

    @Test func addressFilesAreReadOnEachLoad() async throws {
        try fixture.policy("Drop(from: AddressSet(contentsOf: \"blocklist.txt\"))")
        #expect(try await fixture.failure().text.contains("[policy-file-unreadable]"))
        try fixture.write("blocklist.txt", "192.0.2.1\n")
        let first = try await fixture.load()
        #expect(first.wasCached)
        #expect(first.document.contents(of: "blocklist.txt") == "192.0.2.1\n")
        try fixture.write("blocklist.txt", "192.0.2.2\n")
        let second = try await fixture.load()
        #expect(second.wasCached)
        #expect(second.document.contents(of: "blocklist.txt") == "192.0.2.2\n")
        unlink(fixture.path("blocklist.txt"))
        #expect(try await fixture.failure().text.contains("[policy-file-unreadable]"))
    }

    @Test(arguments: ["", "no digest", "0000\n{}"])
    func aDamagedEntryIsIgnoredAndReplaced(_ damage: String) async throws {
        try fixture.policy()
        let first = try await fixture.load()
        let name = try #require(FileReading.names(in: documents).first)
        try fixture.write("../cache/documents/\(name)", damage)
        let second = try await fixture.load()
        #expect(!second.wasCached && second.document == first.document)
        #expect(try await fixture.load().wasCached)
    }

    @Test func aFlippedByteIsNoticed() async throws {
        try fixture.policy("Allow(.tcp(443))")
        _ = try await fixture.load()
        let name = try #require(FileReading.names(in: documents).first)
        let entry = String(decoding: try FileReading.bytes(of: documents.appending(name)), as: UTF8.self)
        try fixture.write("../cache/documents/\(name)", entry.replacing(":443", with: ":444"))
        #expect(try await !fixture.load().wasCached)
    }

    @Test func aFolderThatOthersCanWriteToIsNotUsed() async throws {
        try fixture.policy()
        mkdir(fixture.cache.string, 0o777)
        chmod(fixture.cache.string, 0o777)
        let loaded = try await fixture.load()
        #expect(
            loaded.warnings.map(\.text) == [
                """
                seawall: warning: the cache folder \(fixture.cache) is not used: it is not this user's own, or others can write to it [cache-unusable]
                seawall: note: SEAWALL_CACHE_DIR names another one
                """
            ])
        #expect(try await !fixture.load().wasCached)
    }

    @Test func aFolderThatCannotBeMadeIsAWarning() async throws {
        try fixture.policy()
        try fixture.write("file", "")
        var options = fixture.options
        options.cacheDirectory = fixture.folder.appending("file/cache")
        let warnings = try await fixture.load("Policy.swift", options).warnings
        #expect(
            fixture.shortened(warnings) == """
                seawall: warning: the cache folder DIR/file/cache is not used: not a directory [cache-unusable]
                seawall: note: SEAWALL_CACHE_DIR names another one
                """)
    }

    @Test func withoutACacheNothingIsKept() async throws {
        try fixture.policy()
        var options = fixture.options
        options.cacheDirectory = nil
        _ = try await fixture.load("Policy.swift", options)
        #expect(try await !fixture.load("Policy.swift", options).wasCached)
        #expect(!FileReading.exists(fixture.cache))
    }

    @Test func theOldestEntriesAreDropped() throws {
        let cache = try PolicyCache(folder: fixture.cache)
        func key(_ number: Int) -> CacheKey {
            var key = CacheKey()
            key.add("number", String(number))
            return key
        }
        for number in 0..<PolicyCache.limit + 5 { cache.store(Evaluation(document: "\(number)"), for: key(number)) }
        #expect(try FileReading.names(in: documents).count == PolicyCache.limit)
        #expect(cache.entry(for: key(0)) == nil)
        #expect(cache.entry(for: key(PolicyCache.limit + 4))?.document == "\(PolicyCache.limit + 4)")
    }

    @Test func theOldestBuildsAreDropped() throws {
        let cache = try PolicyCache(folder: fixture.cache)
        let builds = (0..<PolicyCache.buildLimit + 2).map { cache.packageBuild(of: FilePath("/\($0)")) }
        mkdir(fixture.cache.appending("packages").string, 0o755)
        for (age, build) in builds.enumerated() {
            mkdir(build.string, 0o755)
            var times = [timeval(tv_sec: 1_000_000 + age, tv_usec: 0), timeval(tv_sec: 1_000_000 + age, tv_usec: 0)]
            utimes(build.string, &times)
        }
        cache.store(Evaluation(document: ""), for: CacheKey())
        #expect(builds.map(FileReading.exists) == builds.indices.map { $0 >= 2 })
    }

    @Test func aFailedPolicyIsNotKept() async throws {
        try fixture.policy("Allow(.tcp(bye()))", before: "import Glibc\nfunc bye() -> PortSet { exit(1) }")
        _ = try await fixture.failure()
        #expect(try FileReading.names(in: documents).isEmpty)
    }

    @Test func theFolderComesFromTheEnvironment() {
        func folder(_ environment: [String: String]) -> String? {
            PolicyLoader.Options.defaultCacheDirectory(environment: environment)?.string
        }
        #expect(folder(["SEAWALL_CACHE_DIR": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"]) == "/a")
        #expect(folder(["SEAWALL_CACHE_DIR": "", "XDG_CACHE_HOME": "/b", "HOME": "/c"]) == "/b/seawall")
        #expect(folder(["HOME": "/c"]) == "/c/.cache/seawall")
        #expect(folder([:]) == nil)
    }
}

@Suite struct SHA256Tests {
    // The examples of FIPS 180-4, and the lengths around a block of 64 bytes.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (String(repeating: "a", count: 55), "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
        (String(repeating: "a", count: 56), "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
        (String(repeating: "a", count: 63), "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"),
        (String(repeating: "a", count: 64), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
        (String(repeating: "a", count: 119), "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"),
        (String(repeating: "a", count: 120), "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"),
    ])
    func theDigestIsTheStandards(_ text: String, _ digest: String) {
        #expect(SHA256.hexadecimal(of: Array(text.utf8)) == digest)
        var pieces = SHA256()
        for byte in text.utf8 { pieces.update([byte]) }
        #expect(pieces.hexadecimal() == digest)
    }

    @Test func ingredientsThatJoinAlikeHaveDifferentKeys() {
        func key(_ lists: [String]...) -> String {
            var key = CacheKey()
            for list in lists { key.add("list", list) }
            return key.name
        }
        #expect(key(["a", "b"], ["c"]) != key(["a"], ["b", "c"]))
        #expect(key(["ab"]) != key(["a", "b"]))
        #expect(key(["a 1\nb"]) != key(["a", "b"]))
    }
}
