import { storyComesTrue } from "./demo.mjs";

storyComesTrue("--peer", "keepalived", "--until-back");
