"""Puts the schemas that kubeconform asks for into one folder: <kind>-<group>-<version>.json, in lower case."""

import json
import pathlib
import re
import sys
import zipfile

import yaml


# A lone = is a text to everybody else.
yaml.SafeLoader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: node.value)


def strict(schema):
    """An object takes no members but those that are named, as the API server would warn of them."""
    if isinstance(schema, dict):
        if "properties" in schema and "x-kubernetes-preserve-unknown-fields" not in schema:
            schema.setdefault("additionalProperties", False)
        for inner in schema.values():
            strict(inner)
    elif isinstance(schema, list):
        for inner in schema:
            strict(inner)
    return schema


def beside(text):
    """They name each other by an address of their own: here by files of one folder."""
    schema = json.loads(re.sub(r'"/api/([\w.-]+\.json)', r'"\1', text))
    schema.pop("$id", None)
    return json.dumps(schema)


def of_kubernetes(work, target):
    [wheel] = work.glob("kubernetes_validate-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        folders = {re.search(r"/(v[\d.]+)-local-strict/", name) for name in archive.namelist()}
        versions = {found.group(1) for found in folders if found}
        newest = max(versions, key=lambda text: [int(part) for part in text[1:].split(".")])
        prefix = f"kubernetes_validate/kubernetes-json-schema/{newest}-local-strict/"
        for name in archive.namelist():
            if name.startswith(prefix) and name.endswith(".json"):
                (target / name.removeprefix(prefix)).write_text(beside(archive.read(name).decode()))
    print(f"Kubernetes {newest}")


def of_definitions(folder, target, wanted):
    for path in folder.rglob("*.yaml"):
        text = path.read_text()
        if not any(f"kind: {kind}\n" in text for kind in wanted) or "CustomResourceDefinition" not in text:
            continue
        for document in yaml.safe_load_all(text):
            spec = (document or {}).get("spec", {})
            kind = spec.get("names", {}).get("kind")
            if kind not in wanted:
                continue
            for version in spec["versions"]:
                schema = strict(version["schema"]["openAPIV3Schema"])
                # What the server itself adds or fills in.
                schema["properties"]["metadata"] = {"type": "object"}
                group = spec["group"].split(".")[0]
                name = f"{kind}-{group}-{version['name']}.json".lower()
                (target / name).write_text(json.dumps(schema))
                print(f"{kind} {version['name']}")


work, target = map(pathlib.Path, sys.argv[1:])
target.mkdir(parents=True, exist_ok=True)
of_kubernetes(work, target)
for told, wanted in (("keda.json", {"ScaledObject"}), ("operator.json", {"PodMonitor", "PrometheusRule"})):
    of_definitions(pathlib.Path(json.loads((work / told).read_text())["Dir"]), target, wanted)
