internal import Glibc

/// A daemon of Docker's in a network namespace of its own, with nothing but its own folder on disk.
///
/// Whatever becomes of this process, the daemon and its containers are ended, and all that they left is removed.
package final class DockerDaemon: Sendable {
    /// The iptables that the daemon finds first in its `PATH`.
    package enum Variant: String, CaseIterable, CustomStringConvertible, Sendable {
        case legacy, nft

        /// The variant, as the tools name it.
        package var description: String { rawValue }
    }

    /// The iptables that it uses.
    package let variant: Variant
    /// What its namespaces begin with, its folder ends with, and the program of its containers is called.
    package let name: String
    /// Its folder.
    package let folder: String
    /// The namespace that it is in.
    package let host: Namespace
    private let reaper: Reaper
    private let options: [String]

    /// Starts a daemon, with an image `box` whose program is the server of the lab.
    ///
    /// - Parameters:
    ///   - variant: the iptables that it is to use.
    ///   - options: what it is started with besides.
    ///   - machines: further namespaces that are removed with it.
    /// - Throws: `LabError` if it does not start; then nothing is left of it.
    package init(_ variant: Variant, options: [String] = [], machines: [String] = []) throws {
        guard access("/usr/sbin/dockerd", X_OK) == 0 else {
            throw LabError("there is no dockerd: `make setup` installs docker.io")
        }
        let name = Lab.newName() + "-docker"
        (self.variant, self.name, self.options) = (variant, name, options)
        folder = "/tmp/" + name
        let reaper = try Reaper(
            namespaces: (["host"] + machines).map { "\(name)-\($0)" }, folder: folder, first: Self.ending)
        self.reaper = reaper
        host = Namespace(name: name + "-host", lifeline: reaper.lifeline)
        do {
            try prepare(machines)
            try start()
            try importImage()
        } catch {
            reaper.finish()
            throw error
        }
    }

    /// Ends the daemon, and removes its containers, namespaces and folder.
    package func close() { reaper.finish() }

    /// The namespace of one of the further machines.
    package func namespace(_ machine: String) -> Namespace {
        Namespace(name: "\(name)-\(machine)", lifeline: reaper.lifeline)
    }

    /// The variables with which `docker` and `seawall` find it, and `seawall` its own state.
    package var environment: [String: String] {
        ["DOCKER_HOST": "unix://\(folder)/sock", "SEAWALL_STATE_DIR": folder + "/state"]
    }

    /// Runs the docker command, which has to succeed; gives what it wrote.
    @discardableResult
    package func docker(_ arguments: String...) throws -> String { try docker(arguments) }

    /// Runs the docker command, which has to succeed; gives what it wrote.
    @discardableResult
    package func docker(_ arguments: [String]) throws -> String {
        try Program.demand(["docker"] + arguments, in: host, environment: environment)
    }

    /// The namespace of a container that runs.
    package func namespace(ofContainer container: String) throws -> Namespace {
        let process = try docker("inspect", "-f", "{{.State.Pid}}", container).filter(\.isNumber)
        return Namespace(name: container, lifeline: reaper.lifeline, path: "/proc/\(process)/ns/net")
    }

    // MARK: - Its life

    /// Ends the daemon, and starts it again.
    ///
    /// - Parameter keeping: whether its containers run on meanwhile; otherwise those that are to be there always start again.
    /// - Throws: `LabError` if it does not end, or does not answer again.
    package func restart(keepingContainers keeping: Bool) throws {
        try configure(liveRestore: keeping)
        try stop()
        try start()
    }

    /// Its settings; its key would be in `/etc/docker` otherwise.
    private func settings(liveRestore: Bool? = nil) -> String {
        let kept = liveRestore.map { #""live-restore": \#($0), "# } ?? ""
        return #"{\#(kept)"deprecated-key-path": "\#(folder)/key.json"}"#
    }

    /// Lets a daemon that runs keep its containers when it ends, or not.
    private func configure(liveRestore: Bool) throws {
        let script = """
            echo '\(settings(liveRestore: liveRestore))' >'\(folder)/daemon.json'
            kill -HUP "$(cat '\(folder)/pid')"
            for i in $(seq 100); do
                [ "$(docker info -f '{{.LiveRestoreEnabled}}')" = \(liveRestore) ] && exit 0; sleep 0.05
            done
            echo 'the daemon does not read its settings' >&2; exit 1
            """
        try shell(script)
    }

    /// Ends it in order.
    private func stop() throws {
        let script = """
            pid=$(cat '\(folder)/pid'); kill "$pid"
            for i in $(seq 400); do [ -e "/proc/$pid" ] || exit 0; sleep 0.05; done
            echo 'the daemon does not end' >&2; exit 1
            """
        try shell(script)
    }

    /// Starts it, and waits until it answers.
    private func start() throws {
        let script = """
            cd '\(folder)'
            PATH="\(folder)/bin:$PATH" setsid nsenter --net=\(host.path) dockerd --config-file '\(folder)/daemon.json' \
                --data-root '\(folder)/data' --exec-root '\(folder)/exec' --pidfile '\(folder)/pid' \
                -H 'unix://\(folder)/sock' --storage-driver=vfs \(options.joined(separator: " ")) \
                >>log 2>&1 </dev/null &
            for i in $(seq 400); do docker info >/dev/null 2>&1 && exit 0; sleep 0.1; done
            tail -3 log >&2; exit 1
            """
        try shell(script)
    }

    private func prepare(_ machines: [String]) throws {
        let names = (["host"] + machines).map { "netns add \(name)-\($0)\n" }.joined()
        try Program.demandOutside(["ip", "-batch", "-"], input: names)
        try Program.demandOutside(["ip", "-n", host.name, "link", "set", "lo", "up"])
        // Docker sets the policy of FORWARD if it is Docker that turns forwarding on.
        try host.setParameter("net.ipv4.ip_forward", to: "0")
        let script = """
            mkdir -p '\(folder)/bin' '\(folder)/root'; chmod 700 '\(folder)'; cd '\(folder)'
            echo '\(settings())' >daemon.json
            for tool in iptables ip6tables; do
                for end in '' -save -restore; do ln -s "/usr/sbin/$tool-\(variant)$end" "bin/$tool$end"; done
            done
            """
        try shell(script)
        try GreetingServer.build(at: "\(folder)/root/\(name)")
    }

    private func importImage() throws {
        let script = """
            tar -C '\(folder)/root' -c . | docker import -c 'ENTRYPOINT ["/\(name)"]' - box >/dev/null
            """
        try shell(script)
    }

    private func shell(_ script: String) throws {
        try Program.demandOutside(["sh", "-ec", script], environment: environment)
    }

    /// What ends a daemon and everything that it started, also if it hangs, or is just starting again.
    ///
    /// Everything that belongs to it has the name of the lab in its command line, the program of the containers as well.
    private static let ending = """
        export DOCKER_HOST="unix://$folder/sock"
        label=${folder##*/}
        pid=$(cat "$folder/pid" 2>/dev/null) && {
            containers=$(timeout 20 docker ps -aq 2>/dev/null)
            [ -z "$containers" ] || timeout 30 docker rm -f $containers >/dev/null 2>&1
            kill "$pid"; for i in $(seq 100); do [ -e "/proc/$pid" ] || break; sleep 0.1; done
        }
        for round in 1 2 3; do
            for file in $(grep -las -- "$label" /proc/[0-9]*/cmdline); do
                process=${file#/proc/}; process=${process%/cmdline}
                [ "$process" = $$ ] || kill -9 "$process"
            done
            sleep 0.1
        done
        grep -F "$folder/" /proc/mounts | cut -d' ' -f2 | sort -r | while read -r place; do umount -l "$place"; done
        """
}
