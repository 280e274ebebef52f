// @protobuf-ts/grpcweb-transport with what @protobuf-ts/plugin generated.
import { GrpcStatusCode, GrpcWebFetchTransport } from "@protobuf-ts/grpcweb-transport";
import { RpcError, type RpcMetadata, type ServiceInfo } from "@protobuf-ts/runtime-rpc";
import { BadRequest, ErrorInfo } from "#gen/google/rpc/error_details";
import { Status } from "#gen/google/rpc/status";
import { services } from "#services";
import { bytesOf, expose, type Client, type Fault } from "./expose";

const client: Client = async (call, listener, gone) => {
  const [service, name] = call.rpc.split("/");
  const known = (services as Record<string, ServiceInfo>)[service];
  const method = known.methods.find((method) => method.name === name)!;
  const transport = new GrpcWebFetchTransport({
    baseUrl: call.base,
    format: call.text ? "text" : "binary",
  });
  const options = transport.mergeOptions({
    meta: call.headers,
    timeout: call.timeoutMs,
    abort: gone,
  });
  const request = method.I.fromJson(call.request as never);
  const tell = (message: object) => listener.message(method.O.toJson(message));
  try {
    if (call.streams) {
      const begun = transport.serverStreaming(method, request, options);
      for await (const message of begun.responses) tell(message);
      listener.headers(texts(await begun.headers));
      listener.trailers(texts(await begun.trailers));
    } else {
      const begun = transport.unary(method, request, options);
      tell(await begun.response);
      listener.headers(texts(await begun.headers));
      listener.trailers(texts(await begun.trailers));
    }
  } catch (error) {
    return fault(error as RpcError);
  }
};

function fault(error: RpcError): Fault {
  const sent = error.meta["grpc-status-details-bin"];
  const details = typeof sent === "string" ? Status.fromBinary(bytesOf(sent)).details : [];
  const unpacked = (type: typeof ErrorInfo | typeof BadRequest) => {
    const found = details.find((detail) => detail.typeUrl.endsWith(`/${type.typeName}`));
    return found && type.fromBinary(found.value);
  };
  return {
    code: GrpcStatusCode[error.code as keyof typeof GrpcStatusCode],
    // This client hands the message on as it was escaped for the wire.
    message: decodeURIComponent(error.message),
    reason: (unpacked(ErrorInfo) as ErrorInfo | undefined)?.reason,
    violations: ((unpacked(BadRequest) as BadRequest | undefined)?.fieldViolations ?? [])
      .map(({ field, description }) => ({ field, description })),
  };
}

function texts(all: RpcMetadata): Record<string, string> {
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, String(value)]));
}

expose(client);
