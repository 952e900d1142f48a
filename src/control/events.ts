// What happened, told by the roles to the desk: it feeds hooks and the journal.

export type Event =
  | {
      readonly kind: "instance_state";
      readonly at: string;
      readonly instance: string;
      readonly from: string;
      readonly to: "BACKUP" | "MASTER" | "FAULT" | "STOP";
      readonly cause: string;
      readonly priority: number;
    }
  | {
      readonly kind: "real_server_state";
      readonly at: string;
      readonly virtual_server: string;
      readonly real_server: string;
      readonly to: "UP" | "DOWN";
      readonly cause: string;
    }
  | {
      readonly kind: "quorum";
      readonly at: string;
      readonly virtual_server: string;
      readonly to: "UP" | "DOWN";
      readonly cause: string;
    };
