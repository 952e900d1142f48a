import { storyComesTrue } from "./demo.mjs";

storyComesTrue("--mode", "nat", "--until-back");
