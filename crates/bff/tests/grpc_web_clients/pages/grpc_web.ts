// The official grpc-web. Its generator is a program that no package client
// brings, so its method descriptors are written here as it would write them,
// over message types of protoc-gen-es.
import {
  fromBinary, fromJson, toBinary, toJson, type DescMethod, type DescService,
} from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { GrpcWebClientBase, MethodDescriptor, RpcError, type Metadata } from "grpc-web";
import { BadRequestSchema, ErrorInfoSchema } from "#gen/google/rpc/error_details_pb";
import { StatusSchema } from "#gen/google/rpc/status_pb";
import { services } from "#services";
import { bytesOf, expose, type Client, type Fault } from "./expose";

type Anything = any;

function descriptor(method: DescMethod, streams: boolean): MethodDescriptor<Anything, Anything> {
  return new MethodDescriptor(
    `/${method.parent.typeName}/${method.name}`,
    streams ? "server_streaming" : "unary",
    Object as Anything,
    Object as Anything,
    (request: Anything) => toBinary(method.input, request),
    (bytes: Uint8Array) => fromBinary(method.output, bytes),
  );
}

const client: Client = (call, listener, gone) => {
  const [service, name] = call.rpc.split("/");
  const known = (services as Record<string, DescService>)[service];
  const method = known.methods.find((method) => method.name === name) as DescMethod;
  const base = new GrpcWebClientBase({ format: call.text ? "text" : "binary" });
  const metadata: Metadata = { ...call.headers };
  if (call.timeoutMs) metadata.deadline = String(Date.now() + call.timeoutMs);
  const request = fromJson(method.input, call.request as Anything);
  const tell = (message: Anything) => listener.message(toJson(method.output, message));
  const address = `${call.base}/${call.rpc}`;

  return new Promise((resolve) => {
    const failed = (error: RpcError) => resolve(fault(error));
    // It tells the status last, after the failure if there is one.
    const settled = ({ metadata = {} }: { metadata?: Metadata }) => listener.trailers(metadata);
    const described = descriptor(method, call.streams);
    const begun = call.streams
      ? base.serverStreaming(address, request, metadata, described)
      : base.rpcCall(address, request, metadata, described, (error, message) => {
          if (error) return failed(error);
          tell(message);
          resolve(undefined);
        });
    begun.on("metadata", (all) => listener.headers(all));
    begun.on("status", settled);
    if (call.streams) {
      begun.on("data", tell);
      begun.on("error", failed);
      begun.on("end", () => resolve(undefined));
    }
    gone.addEventListener("abort", () => {
      begun.cancel();
      // A cancelled call of this client tells nothing any more.
      resolve({ code: 1, message: "cancelled here", violations: [] });
    });
  });
};

function fault(error: RpcError): Fault {
  const sent = error.metadata?.["grpc-status-details-bin"];
  const details = sent ? fromBinary(StatusSchema, bytesOf(sent)).details : [];
  const found = details.map((detail) => anyUnpack(detail, ErrorInfoSchema)).find((detail) => detail);
  const refused = details.map((detail) => anyUnpack(detail, BadRequestSchema)).find((detail) => detail);
  return {
    code: error.code,
    message: error.message,
    reason: found?.reason,
    violations: (refused?.fieldViolations ?? []).map(({ field, description }) => ({ field, description })),
  };
}

expose(client);
