import { Module, type DynamicModule } from '@nestjs/common';
import { ControlPlane } from './control-plane.js';
import { DeadLettersController } from './http/dead-letters-controller.js';
import { GenerationsController } from './http/generations-controller.js';
import { PaceController } from './http/pace-controller.js';
import { ViewsController } from './http/views-controller.js';

/** The doors: what is asked about views, and what is asked of them. */
@Module({})
export class ControlPlaneModule {
  static with(controlPlane: ControlPlane): DynamicModule {
    return {
      module: ControlPlaneModule,
      controllers: [ViewsController, GenerationsController, PaceController, DeadLettersController],
      providers: [{ provide: ControlPlane, useValue: controlPlane }],
    };
  }
}
