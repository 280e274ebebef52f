use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Runs a server until the watchdog's input ends, which happens when this
/// process closes it or ends in any way; then ends the server and removes its
/// folder. `$1` folder, `$2` signal, `$3` file stem; then the command.
///
/// A stopped server gets a CONT after the signal, or it would never see it.
///
/// Once the server has been waited for, its process id may belong to somebody
/// else, so nothing is signalled after the exit file exists.
const SCRIPT: &str = r#"
dir=$1; signal=$2; stem=$3; shift 3
exec 3<&0
"$@" </dev/null >"$stem.log" 2>&1 3<&- &
server=$!
echo "$server" >"$stem.pid.new" && mv "$stem.pid.new" "$stem.pid"
{
    cat >/dev/null
    if [ ! -e "$stem.exit" ]; then
        kill -s "$signal" "$server"; kill -s CONT "$server"
        for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            [ -e "$stem.exit" ] && break
            sleep 0.1
        done
        [ -e "$stem.exit" ] || kill -s KILL "$server"
    fi
} <&3 2>/dev/null &
wait "$server"
echo "$?" >"$stem.exit"
wait
for _ in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf -- "$dir" && break
    sleep 0.2
done
"#;

/// A server process under a watchdog.
#[derive(Debug)]
pub(super) struct Watchdog {
    shell: Child,
    stem: PathBuf,
}

impl Watchdog {
    /// Starts a command. Its output goes to `<stem>.log`.
    pub(super) fn start(
        dir: &Path,
        signal: &str,
        stem: PathBuf,
        command: &[String],
    ) -> io::Result<Self> {
        let shell = Command::new("sh")
            .args(["-c", SCRIPT, "watchdog"])
            .arg(dir)
            .arg(signal)
            .arg(&stem)
            .args(command)
            .env("LC_ALL", "C")
            .current_dir(dir)
            // Its own group: an interrupt typed at the terminal must reach the
            // tests, not the watchdog that cleans up after them.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { shell, stem })
    }

    /// What the server has printed so far.
    pub(super) fn log(&self) -> String {
        let bytes = fs::read(self.stem.with_extension("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Whether the server has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.stem.with_extension("exit").exists()
    }

    /// The server's process and its children.
    pub(super) fn processes(&self) -> Vec<String> {
        let Ok(pid) = fs::read_to_string(self.stem.with_extension("pid")) else {
            return Vec::new();
        };
        let pid = pid.trim().to_owned();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        let mut all = vec![pid];
        all.extend(
            children
                .unwrap_or_default()
                .split_whitespace()
                .map(str::to_owned),
        );
        all
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // Waiting makes sure that the folder is gone and nothing is left to
        // the system to reap. The script bounds its own time.
        let _ = self.shell.wait();
    }
}
