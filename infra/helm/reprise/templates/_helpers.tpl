{{/* All of a release's objects begin with its name. */}}
{{- define "reprise.prefix" -}}
{{- .Release.Name | trunc 20 | trimSuffix "-" -}}
{{- end -}}

{{/* Of every object. (root, component) */}}
{{- define "reprise.labels" -}}
{{ include "reprise.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* What a workload's pods are known by. (root, component) */}}
{{- define "reprise.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* (root, tag) */}}
{{- define "reprise.image" -}}
{{- $image := .root.Values.image -}}
{{- $tag := .tag | default $image.tag | default .root.Chart.AppVersion -}}
{{- if $image.registry }}{{ $image.registry }}/{{ end }}{{ $image.repository }}:{{ $tag }}
{{- end -}}

{{/* One variable of the secret. (root, variable, key) */}}
{{- define "reprise.secretEnv" -}}
- name: {{ .variable }}
  valueFrom: { secretKeyRef: { name: {{ .root.Values.secrets.existingSecret | quote }}, key: {{ .key | quote }} } }
{{- end -}}

{{/* How the log is reached. (root) */}}
{{- define "reprise.logEnv" -}}
{{- $values := .root.Values -}}
- { name: REPRISE_KAFKA_BROKERS, value: {{ join "," $values.kafka.brokers | quote }} }
- { name: REPRISE_REGISTRY_URL, value: {{ $values.registry.url | quote }} }
{{- if $values.kafka.tls }}
- { name: REPRISE_KAFKA_TLS, value: 'true' }
{{- if $values.tls.existingSecret }}
- { name: REPRISE_KAFKA_CA_FILE, value: /etc/reprise/tls/ca.crt }
{{- if $values.tls.clientCertificate }}
- { name: REPRISE_KAFKA_CERT_FILE, value: /etc/reprise/tls/tls.crt }
- { name: REPRISE_KAFKA_KEY_FILE, value: /etc/reprise/tls/tls.key }
{{- end }}
{{- end }}
{{- end }}
{{- if $values.tls.existingSecret }}
# Of the registry, the stores and the issuer of tokens, beside what Node knows.
- { name: NODE_EXTRA_CA_CERTS, value: /etc/reprise/tls/ca.crt }
{{- end }}
{{- if $values.kafka.sasl }}
- { name: REPRISE_KAFKA_SASL, value: {{ $values.kafka.sasl }} }
{{ include "reprise.secretEnv" (dict "root" .root "variable" "REPRISE_KAFKA_USERNAME" "key" "kafka-username") }}
{{ include "reprise.secretEnv" (dict "root" .root "variable" "REPRISE_KAFKA_PASSWORD" "key" "kafka-password") }}
{{- end }}
{{- end -}}

{{/* Who is let in. (root) */}}
{{- define "reprise.authEnv" -}}
{{- $auth := .root.Values.auth -}}
- { name: REPRISE_AUTH, value: {{ $auth.mode }} }
{{- if eq $auth.mode "jwt" }}
- { name: REPRISE_AUTH_ISSUER, value: {{ required "auth.issuer is needed with auth.mode jwt: as the tokens' iss" $auth.issuer | quote }} }
- { name: REPRISE_AUTH_AUDIENCE, value: {{ required "auth.audience is needed with auth.mode jwt: as the tokens' aud" $auth.audience | quote }} }
{{- with $auth.jwksUrl }}
- { name: REPRISE_AUTH_JWKS_URL, value: {{ . | quote }} }
{{- end }}
{{- else }}
- { name: REPRISE_DEVELOPMENT_EXPOSED, value: 'true' }
{{- end }}
{{- end -}}

{{/* (env: name to value) */}}
{{- define "reprise.env" -}}
{{- range $name, $value := . }}
- { name: {{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- end -}}

{{/* What a process may do to its container: next to nothing. */}}
{{- define "reprise.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- define "reprise.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{/* Files: a place for passing ones, and certificates. (root) */}}
{{- define "reprise.volumeMounts" -}}
- { name: tmp, mountPath: /tmp }
{{- if .root.Values.tls.existingSecret }}
- { name: tls, mountPath: /etc/reprise/tls, readOnly: true }
{{- end }}
{{- end -}}

{{- define "reprise.volumes" -}}
- { name: tmp, emptyDir: { sizeLimit: 64Mi } }
{{- if .root.Values.tls.existingSecret }}
- { name: tls, secret: { secretName: {{ .root.Values.tls.existingSecret | quote }}, defaultMode: 0440 } }
{{- end }}
{{- end -}}

{{/*
A long-running process. (root, component, entry, tag, replicas (left out: somebody else counts them), resources, env (YAML of
its own variables), extraEnv, readyPath, strategy)
*/}}
{{- define "reprise.deployment" -}}
{{- $values := .root.Values -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "reprise.prefix" .root }}-{{ .component }}
  labels: {{- include "reprise.labels" . | nindent 4 }}
spec:
  {{- if hasKey . "replicas" }}
  replicas: {{ .replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy: {{- .strategy | default "{ type: RollingUpdate, rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }" | nindent 4 }}
  selector:
    matchLabels: {{- include "reprise.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "reprise.labels" . | nindent 8 }}
        {{- with .podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with $values.podAnnotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ include "reprise.prefix" .root }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
      securityContext: {{- include "reprise.podSecurity" . | nindent 8 }}
      {{- with $values.image.pullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      topologySpreadConstraints:
        {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
        - maxSkew: 1
          topologyKey: {{ $key }}
          whenUnsatisfiable: {{ if eq $key "kubernetes.io/hostname" }}ScheduleAnyway{{ else }}{{ $values.spread.whenUnsatisfiable }}{{ end }}
          labelSelector:
            matchLabels: {{- include "reprise.selector" $ | nindent 14 }}
          matchLabelKeys: [pod-template-hash]
        {{- end }}
      {{- with $values.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .container }}
          image: {{ include "reprise.image" . | quote }}
          imagePullPolicy: {{ $values.image.pullPolicy }}
          args: [{{ .entry }}]
          ports: [{ name: http, containerPort: 8080 }]
          env:
            - { name: REPRISE_HOST, value: 0.0.0.0 }
            - { name: REPRISE_PORT, value: '8080' }
            - { name: REPRISE_LOG_LEVEL, value: {{ $values.logLevel }} }
            {{- include "reprise.logEnv" . | nindent 12 }}
            {{- include "reprise.authEnv" . | nindent 12 }}
            {{- .env | trim | nindent 12 }}
            {{- include "reprise.env" (merge dict (.extraEnv | default dict) $values.extraEnv) | indent 12 }}
          # A start may wait for an engine that is away, for as long as it is: nobody helps by restarting it sooner.
          startupProbe: { httpGet: { path: /health/live, port: http }, periodSeconds: 2, failureThreshold: 150 }
          livenessProbe: { httpGet: { path: /health/live, port: http }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }
          readinessProbe: { httpGet: { path: {{ .readyPath | default "/health/ready" }}, port: http }, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 3 }
          # Whoever sends requests hears that the pod goes before the process does, and sends them elsewhere.
          lifecycle: { preStop: { sleep: { seconds: 5 } } }
          resources: {{- toYaml .resources | nindent 12 }}
          securityContext: {{- include "reprise.containerSecurity" . | nindent 12 }}
          volumeMounts: {{- include "reprise.volumeMounts" . | nindent 12 }}
      volumes: {{- include "reprise.volumes" . | nindent 8 }}
{{- end -}}

{{/* Some are always there while nodes are drained. (root, component) */}}
{{- define "reprise.budget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "reprise.prefix" .root }}-{{ .component }}
  labels: {{- include "reprise.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- include "reprise.selector" . | nindent 6 }}
{{- end -}}

{{/* By CPU. (root, component, autoscaling) */}}
{{- define "reprise.cpuScaler" -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "reprise.prefix" .root }}-{{ .component }}
  labels: {{- include "reprise.labels" . | nindent 4 }}
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: {{ include "reprise.prefix" .root }}-{{ .component }} }
  minReplicas: {{ .autoscaling.minReplicas }}
  maxReplicas: {{ .autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource: { name: cpu, target: { type: Utilization, averageUtilization: {{ .autoscaling.cpuPercent }} } }
  behavior:
    scaleDown: { stabilizationWindowSeconds: 300 }
{{- end -}}

{{/* (root, component, name, selector (YAML), unready) */}}
{{- define "reprise.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "reprise.prefix" .root }}-{{ .name }}
  labels: {{- include "reprise.labels" . | nindent 4 }}
spec:
  selector: {{- .selector | nindent 4 }}
  ports: [{ name: http, port: 80, targetPort: http }]
  {{- if .unready }}
  # Also what is not live is looked at through its own service.
  publishNotReadyAddresses: true
  {{- end }}
{{- end -}}
