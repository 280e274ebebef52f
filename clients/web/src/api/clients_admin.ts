import { createClient } from "@connectrpc/connect";
import { SafetyService } from "../gen/covergen/safety/v1/safety_pb";
import { MeshService } from "../gen/covergen/mesh/v1/mesh_pb";
import { TaskService } from "../gen/covergen/task/v1/task_pb";
import { transport } from "./transport";

// What the operators' pages need.
export const safety = createClient(SafetyService, transport);
export const tasks = createClient(TaskService, transport);
export const mesh = createClient(MeshService, transport);
