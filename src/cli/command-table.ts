// ONE table of the commands: `duet help`, the man page and the completion of shells read it.

import { READ_USAGE } from "../config/read-options.ts";

/** What is typed behind "duet", and what it does. */
export const COMMANDS: readonly (readonly [string, string])[] = [
  [
    `run [-f FILE] ${READ_USAGE} [--run-dir DIR] [--log-level L]`,
    "run in the foreground; SIGHUP reloads; -i: which node of a file that serves several (default: the host's name without its domain)",
  ],
  [
    `check FILE [FILE_OF_THE_OTHER_NODE] ${READ_USAGE} [-i OTHER_NODE] [--elsewhere] [--json | --sarif | --print]`,
    "judge a configuration file without touching the system, or compare the two nodes of a pair: two files, or one that serves both with -i for each; --elsewhere: it is for another host; --sarif: for editors and CI; --print: what it means, every default written out",
  ],
  [
    `convert FILE ${READ_USAGE} [-o NEW_FILE]`,
    "print a keepalived.conf, an ldirectord.cf, lines of ipvsadm -S or a script of them as the INI file that says the same, or write it (mode 600)",
  ],
  [
    "status [--json] [--run-dir DIR]",
    "tell how this node is: exit 0 healthy, 1 degraded, 3 not running",
  ],
  [
    "reload [--confirm TIME] [--run-dir DIR]",
    "read the configuration again; a bad one changes nothing. --confirm 60s: what ran before comes back unless duet confirm follows in time",
  ],
  ["confirm [--run-dir DIR]", "what reload --confirm loaded stays"],
  [
    `plan [FILE] ${READ_USAGE} [--json] [--run-dir DIR]`,
    "what a reload of the running duet to FILE would change, kernel operation by kernel operation: exit 0 nothing, 2 something, 1 invalid, 3 not running",
  ],
  ["stop [--run-dir DIR]", "hand over and stop"],
  [
    "switchover [INSTANCE | GROUP | --all] [--force] [--run-dir DIR]",
    "hand over to the other node and stay BACKUP until that one is gone; where nobody takes over nothing happens: exit 0 handed over, 1 refused with the reason. --force: step down all the same",
  ],
  [
    "maintenance [on [--for TIME] [--reason TEXT] [--force] | off] [--run-dir DIR]",
    "hand over and stay BACKUP, restarts included, until the time is over or maintenance off; without a word: tell whether it is on, exit 0 on, 1 off. --force: even where nobody takes over",
  ],
  [
    "keepalived [OPTIONS]",
    "keepalived's command line, signals and pid files, for its unit or a container (duet keepalived -h)",
  ],
  [
    "ldirectord [CONFIG] start|stop|restart|try-restart|reload|force-reload|status",
    "ldirectord's command line and pid file (duet ldirectord -h)",
  ],
  [
    "ipvs [OPTIONS | diff FILE]",
    "ipvsadm's command line, by hand and without ipvsadm (duet ipvs -h); diff: what makes the table what FILE says",
  ],
  [
    "realserver dr|tun|nat start|stop|status VIP... [--via DIP]",
    "on a real server: the VIP without ARP, the tunnel or the way back by the director; stop restores what was; status: what is wrong, and its repair",
  ],
  ["release [--run-dir DIR]", "remove what a duet that died left behind"],
  [
    "completion bash|zsh|fish",
    "print the script by which this shell completes the command line of duet",
  ],
  ["version", "tell the version"],
  [
    "help [COMMAND|SECTION|KEY|TYPE|CAUSE]",
    "tell this, or what a command, a section, a key, a type of check or the cause of a transition is",
  ],
  ["help example", "print a file with every key, commented"],
];
