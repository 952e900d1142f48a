import { storyComesTrue } from "./demo.mjs";

storyComesTrue("--mode", "tun", "--until-back");
